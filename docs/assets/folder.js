// The site opened from a folder of this machine: no server there turns the address of a folder into that of its page.
if (location.protocol === "file:")
  for (const link of document.links)
    if (link.protocol === "file:" && link.pathname.endsWith("/")) link.pathname += "index.html"
