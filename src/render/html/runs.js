// Runs: scopes that stand one behind the other and are alike, as in a loop, are one row until
// somebody wants to see each. What is alike is said as in src/render/tree/runs.rs.

// Fewer than so many are seen as quickly as counted.
const LEAST = 5;
// More bars than so many in one row are not told apart.
const BARS = 300;

const SEVERE = new Set(["warning", "error", "critical"]);

// A number for each node: those that have the same are alike, with all that is below them.
function likeness(tree) {
  const known = new Map();
  for (const node of tree.nodes.toReversed()) {
    const below = node.children.map((child) => child.alike);
    const told = JSON.stringify([node.name, node.process, node.host, node.status, node.flags, node.edge, node.adjusted !== null, below]);
    node.alike = known.get(told) ?? known.size;
    known.set(told, node.alike);
  }
}

// Finds the runs of a tree, and tells each node in one of its run. `isShown` says of a node
// and a record of it that it has to be seen.
function findRuns(tree, isShown) {
  if (tree.nodes[0].alike === undefined) likeness(tree);
  // Nothing of a node, or below it, must be hidden that somebody looks for.
  for (const node of tree.nodes.toReversed()) {
    const loud = node.status === "failed" || node.exception !== null || tree.recordsIn(node).some((record) => isShown(node, record));
    node.quiet = !loud && node.children.every((child) => child.quiet);
    node.run = null;
  }
  for (const { children } of tree.nodes) {
    for (let at = 0; at < children.length; ) {
      const first = children[at];
      let past = at + 1;
      const fits = (node) => node?.quiet && node.alike === first.alike && node.name !== null;
      if (fits(first)) while (fits(children[past])) past += 1;
      if (past - at >= LEAST) rollUp(children.slice(at, past));
      at = past;
    }
  }
}

function rollUp(nodes) {
  const took = nodes.map((node) => node.took).filter((one) => one !== null);
  const run = {
    nodes,
    first: nodes[0],
    past: nodes.at(-1).number + nodes.at(-1).size,
    sum: took.length ? took.reduce((sum, one) => sum + one, 0) : null,
    least: took.reduce((least, one) => Math.min(least, one), Infinity),
    most: took.reduce((most, one) => Math.max(most, one), 0),
    rolled: true,
  };
  for (const node of nodes) node.run = run;
}

// What is told of a run in words.
function runWords(run) {
  const together = run.sum === null ? "" : `: ${duration(run.sum)} together, from ${duration(run.least)} to ${duration(run.most)}`;
  return count(run.nodes.length, "equal scope") + together;
}

// The run in whose row a node stands, if it is not seen itself.
function hiddenIn(node, withRecord = false) {
  for (let above = node; above; above = above.parent) {
    const { run } = above;
    if (run?.rolled && (above !== node || run.first !== node || withRecord)) return run;
  }
  return null;
}

// So many nodes of a run, evenly from all of it.
function someOf({ nodes }) {
  if (nodes.length <= BARS) return nodes;
  return Array.from({ length: BARS }, (_, at) => nodes[Math.floor((at * nodes.length) / BARS)]);
}
