# What jq has and the jaq crates have not, or have otherwise.

def leaf_paths: paths(scalars);
def ascii: [.] | implode;
def toarray: if isarray then . else [.] end;
def date: todate;

def IN(s): any(s == .; .);
def IN(src; s): any(src == s; .);
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] |= $row);
def INDEX(f): INDEX(.[]; f);

# What is no string stays as it is.
def ltrimstr($x): if isstring and ($x | isstring) and startswith($x) then .[($x | length):] end;
def rtrimstr($x):
  if isstring and ($x | isstring) and $x != "" and endswith($x)
  then .[:-($x | length)] end;

def tostream:
  path(def r: (.[]? | r), .; r) as $p
  | getpath($p)
  | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);

def row_field(quote; kind):
  if isarray or . >= {} then error("\(type) (\(tojson)) is not valid in a \(kind) row")
  elif isstring then quote
  elif . == null then ""
  else tostring end;
def @csv: map(row_field("\"" + (split("\"") | join("\"\"")) + "\""; "csv")) | join(",");
def @tsv:
  map(row_field(
    gsub("\\\\"; "\\\\") | gsub("\t"; "\\t") | gsub("\n"; "\\n") | gsub("\r"; "\\r"); "tsv"))
  | join("\t");
