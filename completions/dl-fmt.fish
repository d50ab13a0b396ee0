complete -c dl-fmt -l to -d 'What to make of records and trees [default: text or table]' -r -f -a "text\t'Lines for records, pictures for trees'
table\t'A row each'
csv\t'The same rows, separated by commas'
tsv\t'The same rows, separated by tabs'
md\t'The same rows, as a table of Markdown'
json\t'The same rows, as an object each'
html\t'A page to look at in a browser, in one file'
waterfall\t'A bar for each scope of a tree, at its place in time'
chrome\t'Trace events for Perfetto and chrome://tracing'
otlp\t'OTLP/JSON, a document of spans or log records a line'
jaeger\t'Traces for Jaeger\'s UI'
zipkin\t'Spans for Zipkin, version 2'
folded\t'Folded stacks for flame graphs, in microseconds'
speedscope\t'Profiles for speedscope'
dot\t'A graph for Graphviz'
logfmt\t'key=value pairs'
gelf\t'GELF 1.1, an object a line'
eliot\t'Messages of Eliot'
distlog\t'Records of distlog'"
complete -c dl-fmt -l columns -d 'The columns of a table and the like, with commas between them' -r
complete -c dl-fmt -l by -d 'Group records by these fields, and show a row for each group' -r
complete -c dl-fmt -l agg -d 'What to compute of each group [default: count]' -r
complete -c dl-fmt -l sort -d 'The column to sort rows by [default: the first that is computed]' -r
complete -c dl-fmt -l top -d 'The most rows to show' -r
complete -c dl-fmt -l every -d 'Show what there is so far every so often' -r
complete -c dl-fmt -l color -d 'When to use colours' -r -f -a "auto\t'If standard output is a terminal; NO_COLOR and CLICOLOR_FORCE are heeded'
always\t'Always'
never\t'Never'"
complete -c dl-fmt -l theme -d 'The colours: dark, light, colour-blind or none' -r
complete -c dl-fmt -l highlight -d 'Mark the records that EXPR selects; may be given several times' -r
complete -c dl-fmt -l hide -d 'Hide fields, by pattern; --show shows others after all' -r
complete -c dl-fmt -l show -d 'Show fields after all, by pattern' -r
complete -c dl-fmt -l template -d 'What stands on a line, such as \'{time} {level:5} {message}\'' -r
complete -c dl-fmt -l time-format -d 'How times are written: full, iso, time, relative, none or codes' -r
complete -c dl-fmt -l tz -d 'The zone of times, such as local, Europe/Berlin or +02:00' -r
complete -c dl-fmt -l delta -d 'Show the time since the record before, of the same tree' -r -f -a "true\t''
false\t''"
complete -c dl-fmt -l fold -d 'Cut values that are longer than N characters; 0 cuts nothing [default: 500 on a terminal, or 0]' -r
complete -c dl-fmt -l records -d 'Which records to show inside trees' -r -f -a "none\t'None'
auto\t'Warnings and errors, and all of scopes without a name'
errors\t'Warnings and errors'
all\t'All that do not start or end a scope'"
complete -c dl-fmt -l depth -d 'Show N levels of scopes below the root of a tree, and how many there are below' -r
complete -c dl-fmt -l only -d 'Of trees show only the scopes that failed and those above them' -r -f -a "failed\t'Those that failed'"
complete -c dl-fmt -l runs -d 'Whether scopes that follow each other and are alike share a line' -r -f -a "fold\t'One line for three and more, with the sum of their durations, the shortest and the longest'
show\t'A line each'"
complete -c dl-fmt -l ascii -d 'Draw with ASCII characters only' -r -f -a "true\t''
false\t''"
complete -c dl-fmt -l width -d 'Columns to fit into [default: those of the terminal, or 100]' -r
complete -c dl-fmt -l pager -d 'The pager, a command for the shell [default: $DISTLOG_PAGER, $PAGER, or less -R]' -r
complete -c dl-fmt -l foreign -d 'What to do with lines that are no JSON objects' -r -f -a "drop\t'Count it as rejected'
pass\t'Write it as it is'
wrap\t'Make it a record: {"message": LINE}'
fail\t'Stop with an error'"
complete -c dl-fmt -l rejects -d 'Keep rejected lines in FILE, byte for byte' -r
complete -c dl-fmt -s j -l jobs -d 'Workers [default: all cores]' -r
complete -c dl-fmt -l max-record -d 'The longest line that can be a record, in bytes' -r
complete -c dl-fmt -l schema -d 'Records look as FILE says (dl-schema(5)); may be given several times' -r -F
complete -c dl-fmt -l map -d 'Look for the canonical field NAME at FIELD first; may be given several times' -r
complete -c dl-fmt -l no-pager -d 'Write to the terminal, and not to a pager'
complete -c dl-fmt -l show-config -d 'Show the settings and where each comes from, as a file of settings, and end'
complete -c dl-fmt -l strict -d 'Exit with 3 if any line was rejected'
complete -c dl-fmt -l stats -d 'Say on stderr at the end what became of the lines read'
complete -c dl-fmt -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-fmt -s V -l version -d 'Print version'
