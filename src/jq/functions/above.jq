# What jq has and the jaq crates have not, or have otherwise.

def test(re): test(re; null);
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

def flatten: [.[] | recurse(arrays[]) | select(isarray | not)];
def flatten($d):
  if $d < 0 then error("flatten depth must not be negative")
  else [.[] | if isarray and $d > 0 then flatten($d - 1)[] else . end] end;

def index($i): if . == null then null else indices($i)[0] end;
def rindex($i): if . == null then null else indices($i)[-1] end;

def tonumber:
  if isnumber then .
  else
    (if isstring then try fromjson catch null else null end) as $number
    | if $number | isnumber then $number else error("tonumber: no number: \(tojson | if length > 40 then .[:40] + "…" end)") end
  end;

# Padding may be missing, as in the parts of a JWT.
def @base64d:
  tostring
  | . as $text
  | try (. + ["", "", "==", "="][utf8bytelength % 4] | decode_base64)
    catch error("@base64d: no base64: \($text | tojson | if length > 40 then .[:40] + "…" end)");
