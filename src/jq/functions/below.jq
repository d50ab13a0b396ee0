# What definitions of the jaq crates build on.

def del(f): delpaths([path(f)]);

def scan_(re; flags):
  matches(re; flags)[] | if (.[1:] | .[0]) then [.[1:][] | .string] else .[0] | .string end;

def join($s): [][0] as $null |
  reduce .[] as $x ($null;
    (if . == $null then "" else . + $s end)
    + ($x | if . == $null then "" elif . >= "" and . < [] then . else tojson end)) // "";
