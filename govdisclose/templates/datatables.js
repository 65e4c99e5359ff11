// DataTables as itables ships it, unpacked: `loaded` is a promise of the library. Nothing is loaded from elsewhere.
const bytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const unpacked = (text) => new Response(new Blob([bytes(text)]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
const loaded = (window["gdTables" + VERSION] ??= (async () => {
  if (STYLE) {
    const style = document.createElement("style");
    style.textContent = await unpacked(STYLE);
    document.head.append(style);
  }
  return import(URL.createObjectURL(new Blob([await unpacked(SCRIPT)], { type: "text/javascript" })));
})());
