// After each link to a picture as SVG a button gives it as PNG, drawn from that file at twice its size;
// not on pages opened from a folder, where a browser lets nothing out of a canvas that a file was drawn on.
for (const link of location.protocol === "file:" ? [] : document.querySelectorAll("a[data-picture]")) {
  const button = document.createElement("button")
  button.type = "button"
  button.textContent = "PNG"
  button.addEventListener("click", async () => {
    const image = new Image()
    image.src = link.href
    await image.decode()
    const canvas = document.createElement("canvas")
    canvas.width = 2 * image.width
    canvas.height = 2 * image.height
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
    canvas.toBlob(blob => {
      const saved = document.createElement("a")
      saved.href = URL.createObjectURL(blob)
      saved.download = link.href.split("/").pop().replace(/svg$/, "png")
      saved.click()
      URL.revokeObjectURL(saved.href)
    })
  })
  link.after(", ", button)
}
