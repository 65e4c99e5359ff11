// A table that can be searched, sorted and filtered; datatables.js, which stands before this, has loaded the library.
// Texts arrive escaped, as a list of different ones and the place of each row's in it.
const column = ({ texts, at, numbers }) => (texts ? at.map((place) => texts[place]) : numbers);
const shown = (kind, value) => {
  if (value === null) return '<span class="none">NA</span>';
  if (kind === "number" && value && Math.abs(value) < 1e-4) return value.toExponential(3);
  if (kind === "number") return value.toLocaleString("en-US", { maximumFractionDigits: 6 });
  return kind === "long" ? `<div>${value}</div>` : value;
};
const linked = (href, text) => (href ? `<a href="${href}" target="_blank" rel="noopener">${text}</a>` : text);
const { default: DataTable, set_or_remove_dark_class: dress } = await loaded;
dress?.();
for (const box of document.querySelectorAll("#" + ID + ":not([data-ready])")) {
  box.dataset.ready = "";
  const columns = DATA.columns.map(column);
  const links = DATA.links && column(DATA.links);
  const plain = box.querySelector("table");
  const table = document.createElement("table");
  table.append(plain.tHead.cloneNode(true));
  table.className = "display compact";
  plain.replaceWith(table);
  new DataTable(table, {
    data: columns.length ? columns[0].map((_, row) => [...columns.map((values) => values[row]), links ? links[row] : ""]) : [],
    columns: DATA.columns.map(({ kind, linked: evident }) => ({
      type: kind === "number" || kind === "whole" ? "num" : "string",
      className: kind,
      render: (value, use, row) => {
        if (use !== "display") return value;
        return evident ? linked(row[columns.length], shown(kind, value)) : shown(kind, value);
      },
    })),
    columnControl: [{ target: 1, content: ["search"] }],
    order: [],
    autoWidth: false,
    pageLength: 15,
    lengthMenu: [15, 50, 200],
    language: DATA.language,
  });
  box.querySelector(".fixed")?.remove();
}
