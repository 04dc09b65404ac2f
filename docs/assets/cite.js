// A button beside each citation copies it, with today's date where the text leaves room for one (ACCESSED in citation.py).
// Without scripts a citation is text that a click selects.
for (const text of document.querySelectorAll(".cite pre")) {
  const button = document.createElement("button")
  button.type = "button"
  button.className = "copy"
  button.textContent = "Copy"
  button.addEventListener("click", async () => {
    const today = new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" })
    text.textContent = text.textContent.replace("DD Month YYYY", today)
    getSelection().selectAllChildren(text)
    try {
      await navigator.clipboard.writeText(text.textContent)
      button.textContent = "Copied"
    } catch {
      button.textContent = "Selected: press Ctrl+C"
    }
  })
  text.after(button)
}
