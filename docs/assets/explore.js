// The Explore page: filters with counts, search, order, totals, chart, export, and what was known on a day.
// All of it is worked out here from explore/claims.json, which scripts/pipeline/explore.py writes and describes.

const PAGE = 30
const FACETS = ["kind", "measure", "year", "stage", "status", "counted", "level", "region", "type", "organisation", "tier"]
const TITLES = { year: "Financial year", tier: "Best source", type: "Type of organisation", counted: "In a total" }
const ORDERS = {
  newest: "newest first", oldest: "oldest first", largest: "largest figure first", smallest: "smallest figure first",
  organisation: "by organisation", title: "by title",
}
const IN_ENGLISH = new Intl.Collator("en").compare
const $ = (id) => document.getElementById(id)

/** An element: attributes by name (a function is a listener), then children; text is never markup. */
function el(name, attributes = {}, ...children) {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === "function") made.addEventListener(key, value)
    else if (value !== false) made.setAttribute(key, value === true ? "" : value)
  made.append(...children.flat().filter((child) => child !== null && child !== undefined))
  return made
}

// --- the data ------------------------------------------------------------------------------------------------

/** A facet of rows: its values, their labels, and for each row the place of its value. */
const facet = (values, at, labels = {}) => ({ values, at: Int32Array.from(at), labels: values.map((v) => labels[v] ?? v) })

/** The day by which something was said; a date known to the month or year alone stands at its end. */
function lastDay(date) {
  const [year, month = 12, day] = date.split("-").map(Number)
  return day ? date : new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
}

/** Every month between two days, as 2025-06. */
function monthsBetween(first, last) {
  const months = []
  for (const at = new Date(first.slice(0, 7)); at <= new Date(last); at.setUTCMonth(at.getUTCMonth() + 1))
    months.push(at.toISOString().slice(0, 7))
  return months
}

/** The file's columns as facets and lists of one entry a claim. */
function unpack(file) {
  const { claims, records, organisations, labels } = file
  const n = claims.record.length
  const through = (column, steps) => claims.record.map((r) => column.at[steps(r)])
  const own = (r) => r
  const of = (r) => records.organisation[r]
  const facets = {
    year: facet(claims.year.values, claims.year.at), stage: facet(claims.stage.values, claims.stage.at, labels.stage),
    tier: facet(claims.tier.values, claims.tier.at, labels.tier),
    status: facet(file.states.status.values, new Int32Array(n), labels.status),
    counted: facet(["yes", "no"], new Int32Array(n)),
    organisation: { values: organisations.id, at: Int32Array.from(claims.record, of), labels: organisations.name },
  }
  for (const name of ["kind", "measure", "level"])
    facets[name] = facet(records[name].values, through(records[name], own), labels[name])
  for (const name of ["type", "region"])
    facets[name] = facet(organisations[name].values, through(organisations[name], of), labels[name])
  const texts = claims.record.map((r, i) => [records.title[r], claims.says[i], organisations.name[of(r)], records.id[r],
    claims.publisher.values[claims.publisher.at[i]]].join("\n").toLowerCase())
  return { file, n, facets, texts, said: Int32Array.from(claims.said), months: monthsBetween(file.days[0], file.released),
    current: new Uint8Array(n), reason: new Int32Array(records.id.length), orders: {} }
}

/** Set what holds of each record on a day, or now where none is given: its current claim, status, whether counted. */
function know(data, day) {
  data.asOf = day
  data.known = day ? data.file.days.findLastIndex((each) => each <= day) : data.file.days.length - 1
  const { states, claims } = data.file
  const { status, counted } = data.facets
  const latest = new Int32Array(data.reason.length).fill(-1)
  for (let i = 0; i < states.day.length && states.day[i] <= data.known; i++) latest[states.record[i]] = i
  for (let i = 0; i < data.n; i++) {
    const state = latest[claims.record[i]]
    data.current[i] = state >= 0 && states.claim[state] === i ? 1 : 0
    status.at[i] = state < 0 ? 0 : states.status.at[state]
    counted.at[i] = data.current[i] && states.reason.values[states.reason.at[state]] === "" ? 0 : 1
  }
  latest.forEach((state, record) => { data.reason[record] = state < 0 ? -1 : states.reason.at[state] })
}

/** All rows in an order, worked out once. */
function ordered(data, order) {
  data.orders[order] ??= inOrder(data, order)
  return data.orders[order]
}

function inOrder(data, order) {
  const { claims, records, organisations } = data.file
  const size = claims.low.map((low, i) => Math.abs(low ?? claims.high[i] ?? 0))
  const unit = records.measure.at.map((m) => data.file.measures[records.measure.values[m]].unit)
  const places = (texts) => {
    const sorted = [...new Set(texts)].sort(IN_ENGLISH)
    const rank = new Map(sorted.map((text, place) => [text, place]))
    return texts.map((text) => rank.get(text))
  }
  const keys = {
    newest: () => places(claims.date).map((place) => -place), oldest: () => places(claims.date),
    largest: () => size.map((s) => -s), smallest: () => size,
    organisation: () => { const rank = places(organisations.name); return claims.record.map((r) => rank[records.organisation[r]]) },
    title: () => { const rank = places(records.title); return claims.record.map((r) => rank[r]) },
  }
  const key = keys[order]()
  const units = order === "largest" || order === "smallest" ? places(claims.record.map((r) => unit[r])) : null
  return Int32Array.from(key.keys()).sort((a, b) => (units ? units[a] - units[b] : 0) || key[a] - key[b] || a - b)
}

/** The rows of a view in its order, and for each facet how many rows each value has, its own choice left aside. */
function select(data, view) {
  const chosen = FACETS.map((name) => {
    const { values } = data.facets[name]
    return view[name].length ? Uint8Array.from(values, (value) => view[name].includes(value)) : null
  })
  const columns = FACETS.map((name) => data.facets[name].at)
  const counts = FACETS.map((name) => new Int32Array(data.facets[name].values.length))
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean)
  const { days } = data.file
  const first = view.from ? days.findIndex((day) => day >= view.from) : 0
  const last = view.to ? Math.min(days.findLastIndex((day) => day <= lastDay(view.to)), data.known) : data.known
  const rows = []
  for (const i of ordered(data, view.sort)) {
    if (data.said[i] < first || data.said[i] > last || (!view.all && !data.current[i])) continue
    let failed = -1, fails = 0
    for (let f = 0; f < FACETS.length && fails < 2; f++)
      if (chosen[f] && !chosen[f][columns[f][i]]) { fails++; failed = f }
    if (fails > 1 || !words.every((word) => data.texts[i].includes(word))) continue
    if (fails) counts[failed][columns[failed][i]]++
    else {
      rows.push(i)
      for (let f = 0; f < FACETS.length; f++) counts[f][columns[f][i]]++
    }
  }
  return { rows, counts }
}

/** Sums of the counted figures of a view by measure and level; a side that is open in one is open in the sum. */
function totals(data, rows) {
  const { claims, measures } = data.file
  const found = new Map()
  for (const i of rows) {
    if (data.facets.counted.at[i]) continue
    const { measure, level } = data.facets
    const key = `${measure.at[i]} ${level.at[i]}`
    const sum = found.get(key) ?? { measure: measure.values[measure.at[i]], name: measure.labels[measure.at[i]],
      level: level.values[level.at[i]], levelName: level.labels[level.at[i]], low: 0, high: 0, records: 0, about: false }
    for (const side of ["low", "high"])
      sum[side] = sum[side] === null || claims[side][i] === null ? null : sum[side] + claims[side][i]
    sum.records++
    sum.about ||= claims.about[i] === 1
    found.set(key, sum)
  }
  const rank = Object.keys(measures)
  return [...found.values()].sort((a, b) => rank.indexOf(a.measure) - rank.indexOf(b.measure) || b.records - a.records)
}

/** A number that reads back exactly: £4.5bn, £768,000, 2,300. */
function amount(number, unit) {
  const money = unit === "GBP" || unit === "GBP_per_head"
  const size = Math.abs(number)
  const [scale, letters] = money && size >= 1e9 ? [1e9, "bn"] : money && size >= 1e6 ? [1e6, "m"] : [1, ""]
  const digits = (size / scale).toLocaleString("en-GB", { maximumFractionDigits: scale === 1 ? 6 : 9 })
  return `${number < 0 ? "−" : ""}${money ? "£" : ""}${digits}${letters}${unit === "percent" ? "%" : ""}`
}

/** A total in words, as the Totals page has it. */
function interval({ low, high, about, measure }, measures) {
  const { unit, noun } = measures[measure]
  const [first, last] = [low, high].map((n) => (n === null ? null : amount(n, unit)))
  const noBound = first === null && last === null
  const text = first !== null && first === last ? `${about ? "about " : ""}${first}`
    : low === 0 && last ? `up to ${last}` : first && last ? `${first} to ${last}`
    : first ? `at least ${first}` : last ? `at most ${last}` : "no bound known"
  return text + (noBound ? "" : noun)
}

// --- the address ---------------------------------------------------------------------------------------------

/** A day or the end of a month on which less was known than now; else the empty text. */
function dayOf(text, { days, released }) {
  const day = /^\d{4}-\d\d(-\d\d)?$/.test(text) ? lastDay(text) : ""
  return days[0] <= day && day < released ? day : ""
}

/** A view out of an address; what the data do not have is left out. */
function viewOf(search, data) {
  const asked = new URLSearchParams(search)
  const view = { q: asked.get("q") ?? "", all: asked.get("claims") === "all", known: dayOf(asked.get("known") ?? "", data.file) }
  view.sort = Object.hasOwn(ORDERS, asked.get("sort")) ? asked.get("sort") : "newest"
  for (const side of ["from", "to"]) view[side] = data.months.includes(asked.get(side)) ? asked.get(side) : ""
  for (const name of FACETS)
    view[name] = data.facets[name].values.filter((value) => (asked.get(name) ?? "").split("~").includes(String(value)))
  return view
}

/** The address's part after the question mark; a view without choices has none. */
function searchOf(view, data) {
  const asked = new URLSearchParams()
  if (view.q.trim()) asked.set("q", view.q.trim())
  for (const name of FACETS) if (view[name].length) asked.set(name, view[name].join("~"))
  if (view.all) asked.set("claims", "all")
  for (const side of ["from", "to"]) if (view[side]) asked.set(side, view[side])
  if (view.known) asked.set("known", view.known)
  if (view.sort !== "newest") asked.set("sort", view.sort)
  return asked.toString()
}

// --- export --------------------------------------------------------------------------------------------------

/** The rows of a CSV text, each a list of cells. */
function parseCsv(text) {
  const rows = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n|$)/g)) {
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === "\n") rows.push([])
    if (end === "") break
  }
  return rows.filter((row) => row.length > 1)
}

const csvCell = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** The published table of claims with the rows of a view alone, as what was known then has them; as lists of cells. */
async function exported(data, rows) {
  const answer = await fetch("../download/claims.csv")
  if (!answer.ok) throw new Error(`the table of claims could not be read (${answer.status})`)
  const [header, ...table] = parseCsv(await answer.text())
  const { claims, records } = data.file
  const wanted = new Map(rows.map((i) => [`${records.id[claims.record[i]]} ${claims.id[i]}`, i]))
  const at = Object.fromEntries(header.map((name, place) => [name, place]))
  return [header, ...table.filter((row) => wanted.has(`${row[at.record_id]} ${row[at.claim_id]}`)).map((row) => {
    row[at.is_current] = String(data.current[wanted.get(`${row[at.record_id]} ${row[at.claim_id]}`)] === 1)
    if (data.asOf && row[at.replaced_on] && lastDay(row[at.replaced_on]) > data.asOf) row[at.replaced_on] = ""
    return row
  })]
}

/** The same rows as objects whose values have the types of the published contract. */
function typed([header, ...rows], types) {
  const value = (text, type) => text === "" ? null : type === "boolean" ? text === "true"
    : type === "number" || type === "integer" ? Number(text) : text
  return rows.map((row) => Object.fromEntries(row.map((text, i) => [header[i], value(text, types[header[i]])])))
}

async function save(data, view, rows, form) {
  const table = await exported(data, rows)
  const about = { title: data.file.title, version: data.file.version, known: data.asOf || data.file.released, view: permanent(data, view) }
  const text = form === "csv" ? table.map((row) => `${row.map(csvCell).join(",")}\n`).join("")
    : `${JSON.stringify({ ...about, claims: typed(table, data.file.types) }, null, 2)}\n`
  const url = URL.createObjectURL(new Blob([text], { type: form === "csv" ? "text/csv" : "application/json" }))
  el("a", { href: url, download: `claims-${data.file.version}.${form}` }).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** The address at which the site publishes this view, with the release that it was made from. */
function permanent(data, view) {
  const search = new URLSearchParams(searchOf(view, data))
  search.set("release", data.file.version)
  return `${data.file.homepage}explore/?${search}`
}

// --- the page ------------------------------------------------------------------------------------------------

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
const inWords = (date) => {
  const [year, month, day] = date.split("-")
  return [day && Number(day), month && MONTHS[month - 1], year].filter(Boolean).join(" ")
}
const thousands = new Intl.NumberFormat("en-GB").format
const many = (number, noun) => `${thousands(number)} ${noun}${number === 1 ? "" : "s"}`

function start(file) {
  const data = unpack(file)
  const view = viewOf(location.search, data)
  const shown = { rows: [], upTo: PAGE, later: 0 }
  const boxes = FACETS.map(() => [])

  function update({ keepPage = false } = {}) {
    if (data.asOf !== view.known) know(data, view.known)
    const { rows, counts } = select(data, view)
    shown.rows = rows
    if (!keepPage) shown.upTo = PAGE
    FACETS.forEach((name, f) => boxes[f].forEach(({ box, count, item }, v) => {
      box.checked = view[name].includes(data.facets[name].values[v])
      const text = thousands(counts[f][v])
      if (count.textContent !== text) count.textContent = text
      item.classList.toggle("none", counts[f][v] === 0 && !box.checked)
    }))
    clearTimeout(shown.later)
    shown.later = setTimeout(showAddress, 200) // browsers refuse a page that changes it at every step of a slider
    showControls()
    showSummary()
    showTotals()
    showChart()
    showRows()
  }

  function showAddress() {
    const search = searchOf(view, data)
    history.replaceState(null, "", location.pathname + (search && `?${search}`) + location.hash)
  }

  function change(part) {
    Object.assign(view, part)
    update()
  }

  function showControls() {
    const text = view.known ? `what had been said by ${inWords(view.known)}; titles are today’s` : `all that is known on ${inWords(file.released)}`
    $("x-known").value = data.known
    $("x-known").setAttribute("aria-valuetext", text)
    $("x-known-text").textContent = text
    $("x-day").value = view.known || file.released
    if ($("x-q").value.trim() !== view.q.trim()) $("x-q").value = view.q
    $("x-sort").value = view.sort
    for (const side of ["from", "to"]) $(`x-${side}`).value = view[side]
    $(view.all ? "x-all" : "x-current").checked = true
    const chosen = FACETS.reduce((sum, name) => sum + view[name].length, 0)
    $("x-chosen").textContent = chosen ? ` (${chosen})` : ""
    $("x-cite-text").textContent = citation()
  }

  function citation() {
    const year = file.released.slice(0, 4)
    return `${file.contributors} (${year}). ${file.title}, version ${file.version}: ${$("x-summary").textContent}. ${permanent(data, view)}`
  }

  function showSummary() {
    const records = new Set(shown.rows.map((i) => file.claims.record[i]))
    const organisations = new Set([...records].map((r) => file.records.organisation[r]))
    $("x-summary").textContent = shown.rows.length
      ? `${view.all ? `${many(shown.rows.length, "claim")} in ` : ""}${many(records.size, "record")} of ${many(organisations.size, "organisation")}`
      : "Nothing fits all of these choices"
    $("x-cite-text").textContent = citation()
  }

  function showTotals() {
    if (!$("x-sums").open) return
    const sums = totals(data, shown.rows)
    const left = new Map()
    for (const i of shown.rows) {
      if (!data.facets.counted.at[i]) continue
      const why = data.current[i] ? file.states.reason.values[data.reason[file.claims.record[i]]] : "it is not the current claim of its record"
      left.set(why, (left.get(why) ?? 0) + 1)
    }
    $("x-totals").replaceChildren(
      el("caption", {}, "Totals of this view"),
      el("thead", {}, el("tr", {}, ["Measure", "Level", "Total", "Records"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, sums.map((sum) => el("tr", {},
        el("th", { scope: "row" }, sum.name), el("td", { "data-label": "Level" }, sum.levelName),
        el("td", { "data-label": "Total" }, el("data", { value: `${sum.measure}|${sum.level}|${sum.low ?? ""}|${sum.high ?? ""}` }, interval(sum, file.measures))),
        el("td", { "data-label": "Records" }, thousands(sum.records))))))
    $("x-totals").hidden = !sums.length
    $("x-no-totals").hidden = sums.length > 0
    $("x-left").replaceChildren(...[...left].sort((a, b) => b[1] - a[1]).map(([why, count]) => el("li", {}, `${thousands(count)}: ${why}`)))
    $("x-left-title").hidden = !left.size
  }

  function showChart() {
    const { kind } = data.facets
    const quarters = new Map()
    for (const month of data.months) quarters.set(quarterOf(month), kind.values.map(() => 0))
    for (const i of shown.rows) quarters.get(quarterOf(file.days[data.said[i]]))[kind.at[i]]++
    const most = Math.max(1, ...[...quarters.values()].map((counts) => counts.reduce((a, b) => a + b)))
    $("x-chart").replaceChildren(...[...quarters].map(([quarter, counts]) => {
      const parts = counts.map((count, k) => count && `${many(count, kind.values[k])}`).filter(Boolean).join(", ")
      const bar = el("button", { type: "button", "aria-label": `${quarter}: ${parts || "none"}`, title: `${quarter}: ${parts || "none"}`,
        click: () => change(spanOf(quarter)) },
      counts.map((count, k) => {
        const piece = el("span", { class: `bar ${kind.values[k]}` })
        piece.style.height = `${100 * count / most}%`
        return piece
      }))
      return el("li", {}, bar, el("span", { class: "quarter", "aria-hidden": "true" }, quarter.endsWith("Q1") ? quarter.slice(0, 4) : ""))
    }))
    $("x-most").textContent = thousands(most)
  }

  const quarterOf = (date) => `${date.slice(0, 4)} Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`
  function spanOf(quarter) {
    const inside = data.months.filter((month) => quarterOf(month) === quarter)
    return { from: inside[0], to: inside.at(-1) }
  }

  function showRows() {
    const { claims, records, organisations } = file
    const { stage, status } = data.facets
    $("x-rows").replaceChildren(...shown.rows.slice(0, shown.upTo).map((i) => {
      const r = claims.record[i]
      return el("tr", {},
        el("th", { scope: "row" }, el("a", { href: `../records/${records.id[r]}/#${claims.id[i]}` }, records.title[r]),
          el("br"), el("span", { class: "quiet" }, organisations.name[records.organisation[r]])),
        el("td", { "data-label": "Figure" }, claims.figure[i] || "in words"),
        el("td", { "data-label": "Stage" }, stage.labels[stage.at[i]], el("br"), el("span", { class: "quiet" },
          data.current[i] ? status.labels[status.at[i]] : "not the current claim")),
        el("td", { "data-label": "Said" }, inWords(claims.date[i])),
        el("td", { "data-label": "Words" }, el("q", {}, claims.says[i]), " ",
          el("span", { class: "quiet" }, claims.publisher.values[claims.publisher.at[i]])))
    }))
    const left = shown.rows.length - shown.upTo
    $("x-more").hidden = left <= 0
    $("x-more").textContent = `Show ${Math.min(PAGE, left)} more of ${thousands(left)}`
    $("x-table").hidden = !shown.rows.length
  }

  function more() {
    const first = shown.upTo
    shown.upTo += PAGE
    showRows()
    $("x-rows").rows[first].querySelector("a").focus()
  }

  function buildFacet(name, f) {
    const { values, labels, at } = data.facets[name]
    const sizes = new Int32Array(values.length)
    for (const value of at) sizes[value]++
    const order = [...values.keys()].sort(name === "year" ? (a, b) => (values[a] < values[b] ? 1 : -1) : (a, b) => sizes[b] - sizes[a])
    const items = order.map((v) => {
      const box = el("input", { type: "checkbox", change: () => change({ [name]: toggled(view[name], values[v]) }) })
      const count = el("span", { class: "count" })
      const item = el("li", {}, el("label", {}, box, el("span", {}, labels[v]), count))
      boxes[f][v] = { box, count, item }
      return item
    })
    const title = TITLES[name] ?? name[0].toUpperCase() + name.slice(1)
    const list = el("ul", {}, items)
    const find = el("input", { type: "search", placeholder: "find", "aria-label": `Find in ${title.toLowerCase()}`, input: () => {
      for (const v of order) boxes[f][v].item.hidden = !labels[v].toLowerCase().includes(find.value.trim().toLowerCase())
    } })
    return el("details", { id: `x-${name}`, class: "facet", open: view[name].length > 0 || ["kind", "year"].includes(name) },
      el("summary", {}, title), el("fieldset", {}, el("legend", { class: "hidden" }, title), values.length > 12 ? find : null, list))
  }

  const toggled = (list, value) => (list.includes(value) ? list.filter((other) => other !== value) : [...list, value])

  function build() {
    $("x-facets").append(...FACETS.map(buildFacet))
    $("x-sort").append(...Object.entries(ORDERS).map(([value, text]) => el("option", { value }, text)))
    for (const side of ["from", "to"])
      $(`x-${side}`).append(el("option", { value: "" }, "any time"), ...data.months.map((m) => el("option", { value: m }, inWords(m))))
    $("x-known").max = file.days.length - 1
    $("x-known").addEventListener("input", (event) => change({ known: dayOf(file.days[event.target.value], file) }))
    Object.assign($("x-day"), { min: file.days[0], max: file.released })
    $("x-day").addEventListener("change", (event) => change({ known: dayOf(event.target.value, file) }))
    $("x-q").addEventListener("input", (event) => change({ q: event.target.value }))
    $("x-sort").addEventListener("change", (event) => change({ sort: event.target.value }))
    for (const side of ["from", "to"]) $(`x-${side}`).addEventListener("change", (event) => change({ [side]: event.target.value }))
    for (const [id, all] of [["x-all", true], ["x-current", false]]) $(id).addEventListener("change", () => change({ all }))
    $("x-clear").addEventListener("click", () => change(viewOf("", data)))
    $("x-sums").addEventListener("toggle", showTotals)
    $("x-more").addEventListener("click", more)
    for (const form of ["csv", "json"]) $(`x-${form}`).addEventListener("click", () => report(save(data, view, shown.rows, form)))
    $("x-cited").hidden = true
    const release = new URLSearchParams(location.search).get("release")
    if (release && release !== file.version && /^\d+\.\d+\.\d+$/.test(release)) {
      $("x-cited").hidden = false
      $("x-cited").replaceChildren(`This view was cited from version ${release}; below it is of version ${file.version}. `,
        el("a", { href: `../releases/${file.version}/` }, "What has changed"), "; ",
        el("a", { href: `../releases/${release}/` }, `the data of version ${release}`), ".")
    }
    $("x-filters").open = matchMedia("(min-width: 50.01em)").matches
    $("x-view").hidden = false
    $("x-loading").remove()
  }

  build()
  update()
}

const report = (promise) => promise.catch((error) => {
  $("x-problem").hidden = false
  $("x-problem").textContent = `This did not work: ${error.message}. The lists and the download have the same data.`
})

report(fetch("claims.json").then((answer) => {
  if (!answer.ok) throw new Error(`the data could not be read (${answer.status})`)
  return answer.json()
}).then(start))
