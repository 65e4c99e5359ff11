// Searching and sorting of the tables on the index, by DataTables; datatables.js, which stands before this, loads it. Without it
// every table stands there whole, and so it is printed: there are no pages to turn.
const { default: DataTable } = await loaded;
const box = document.getElementById("search");
const region = document.getElementById("region");
const told = document.getElementById("found");

const order = new Intl.Collator(["zh", "en"], { numeric: true }).compare;
DataTable.type("name", { detect: () => false, order: { asc: order, desc: (one, two) => order(two, one) } });

const settings = {
  paging: false,
  autoWidth: false,
  layout: { topStart: null, topEnd: null, bottomStart: null, bottomEnd: null },
  order: [],
  columnDefs: [
    { targets: "number", type: "num" },
    { targets: "_all", type: "name" },
  ],
  stateSave: true,
  stateDuration: -1, // as long as the tab: whoever comes back from a page finds what was asked for
  stateSaveParams: (_, state) => { state.region = region?.value; },
  stateLoadParams: (_, state) => { if (region) region.value = state.region ?? ""; },
  language: {
    zeroRecords: "没有符合的行 · No row fits",
    emptyTable: "没有 · None",
    aria: { orderable: "：排序 sort", orderableReverse: "：反向排序 sort in reverse", orderableRemove: "：恢复原来次序 back to the first order" },
  },
};
const [agencies, documents] = ["#agencies", "#documents"].map((name) => new DataTable(name, settings));
const search = () => {
  for (const table of [agencies, documents]) table.search(box.value.normalize("NFKC")).draw();
  const { recordsDisplay: shown, recordsTotal: all } = agencies.page.info();
  told.textContent = `${shown} / ${all}`;
};

for (const table of [agencies, documents]) {
  table.search.fixed("region", (_, __, row) => !region?.value || table.row(row).node().dataset.region === region.value);
}
box.value = agencies.search();
box.addEventListener("input", search);
region?.addEventListener("change", search);
document.addEventListener("keydown", (event) => { // DataTables itself takes Enter alone; a button takes the space bar too.
  if (event.key !== " " || !event.target.matches(".dt-column-order")) return;
  event.preventDefault();
  event.target.click();
});
document.getElementById("searching").hidden = false;
search();
