// The colours: those of the reader's system, unless the button in the header chose others. Set before the page is drawn.
// The theme's own script (35 kB) is not loaded: this is all that the site needs of it.
{
  const options = [...document.querySelectorAll("[name=__palette]")]
  const dark = matchMedia("(prefers-color-scheme: dark)")
  const show = (option) => {
    const own = option.dataset.mdColorMedia !== "(prefers-color-scheme)"
    document.body.dataset.mdColorScheme = own ? option.dataset.mdColorScheme : dark.matches ? "slate" : "default"
    option.checked = true
    for (const other of options) other.nextElementSibling.hidden = other !== option
  }
  const keep = (id) => {
    try {
      return id ? localStorage.setItem("colours", id) : localStorage.getItem("colours")
    } catch {} // a browser may keep nothing
  }
  const chosen = () => options.find((option) => option.id === keep()) ?? options[0]
  show(chosen())
  dark.addEventListener("change", () => show(chosen()))
  for (const option of options)
    option.addEventListener("change", () => {
      keep(option.id)
      show(option)
    })
}
