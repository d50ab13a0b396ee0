complete -c dl-filter -s l -l level -d 'Only records of this level or above' -r
complete -c dl-filter -l since -d 'Only records of this time or later: 2026-11-20T12:00:00Z, now-3h, today' -r
complete -c dl-filter -l until -d 'Only records before this time' -r
complete -c dl-filter -s m -l max-count -d 'Stop after N selected records' -r
complete -c dl-filter -l jq -d 'Run a jq program on each selected record, and write its results' -r
complete -c dl-filter -l jq-file -d 'Read the jq program from a file' -r
complete -c dl-filter -l jq-arg -d 'Make $NAME a string in the jq program' -r
complete -c dl-filter -l jq-argjson -d 'Make $NAME what a text of JSON says in the jq program' -r
complete -c dl-filter -l foreign -d 'What to do with lines that are no JSON objects' -r -f -a "drop\t'Count it as rejected'
pass\t'Write it as it is'
wrap\t'Make it a record: {"message": LINE}'
fail\t'Stop with an error'"
complete -c dl-filter -l rejects -d 'Keep rejected lines in FILE, byte for byte' -r
complete -c dl-filter -s j -l jobs -d 'Workers [default: all cores]' -r
complete -c dl-filter -l max-record -d 'The longest line that can be a record, in bytes' -r
complete -c dl-filter -s v -l invert -d 'Select what does not match'
complete -c dl-filter -s c -l count -d 'Write only the number of selected records'
complete -c dl-filter -s e -l exit-status -d 'Exit with 1 if nothing was selected'
complete -c dl-filter -l strict -d 'Exit with 3 if any line was rejected'
complete -c dl-filter -l stats -d 'Say on stderr at the end what became of the lines read'
complete -c dl-filter -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-filter -s V -l version -d 'Print version'
