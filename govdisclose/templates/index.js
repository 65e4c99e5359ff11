// Searching and sorting of the tables on the index. Without it every table stands there whole.
(() => {
  const tables = [...document.querySelectorAll("table.sortable")];
  const box = document.getElementById("search");
  const region = document.getElementById("region");
  const told = document.getElementById("found");
  const words = text => text.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);

  // What each row says, but for the years of its tiles, which are the same in every row, and its links to other languages.
  const said = new Map();
  for (const row of tables.flatMap(table => [...table.tBodies[0].rows])) {
    const whole = row.cloneNode(true);
    whole.querySelectorAll("svg, a[aria-label]").forEach(part => part.remove());
    said.set(row, words([...whole.cells].map(cell => cell.textContent).join(" ")).join(" "));
  }

  const search = () => {
    const wanted = words(box.value);
    for (const table of tables) {
      let shown = 0;
      const rows = [...table.tBodies[0].rows];
      for (const row of rows) {
        const elsewhere = region?.value && row.dataset.region !== region.value;
        row.hidden = elsewhere || !wanted.every(word => said.get(row).includes(word));
        shown += !row.hidden;
      }
      if (table.id === "agencies") told.textContent = `${shown} / ${rows.length}`;
    }
  };

  const figure = cell => {
    const text = (cell.dataset.sort ?? cell.textContent).replaceAll(",", "").trim();
    return text === "" ? -Infinity : Number(text);
  };

  const sort = (table, place, head) => {
    const down = head.getAttribute("aria-sort") === "ascending";
    const numbers = head.classList.contains("number");
    const text = new Intl.Collator(["zh", "en"], { numeric: true });
    const order = (one, two) => {
      const [a, b] = [one.cells[place], two.cells[place]];
      return numbers ? figure(a) - figure(b) || 0 : text.compare(a.textContent.trim(), b.textContent.trim());
    };
    const rows = [...table.tBodies[0].rows].sort((one, two) => (down ? -order(one, two) : order(one, two)));
    table.tBodies[0].append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  };

  for (const table of tables) {
    [...table.tHead.rows[0].cells].forEach((head, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, place, head));
      head.append(button);
    });
  }
  box.addEventListener("input", search);
  region?.addEventListener("change", search);
  document.getElementById("searching").hidden = false;
  search();
})();
