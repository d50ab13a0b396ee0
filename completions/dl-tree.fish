complete -c dl-tree -l live-window -d 'Write each tree when it is complete, others when silent for TIME' -r
complete -c dl-tree -l grace -d 'With --live-window, wait this long for records that no id announces' -r
complete -c dl-tree -l loose -d 'What to do with records that belong to no tree' -r -f -a "drop\t'Count it'
pass\t'Write it as it is'"
complete -c dl-tree -l memory -d 'Use files beyond this much memory [default: a quarter, at least 256MiB]' -r
complete -c dl-tree -l foreign -d 'What to do with lines that are no JSON objects' -r -f -a "drop\t'Count it as rejected'
pass\t'Write it as it is'
wrap\t'Make it a record: {"message": LINE}'
fail\t'Stop with an error'"
complete -c dl-tree -l rejects -d 'Keep rejected lines in FILE, byte for byte' -r
complete -c dl-tree -s j -l jobs -d 'Workers [default: all cores]' -r
complete -c dl-tree -l max-record -d 'The longest line that can be a record, in bytes' -r
complete -c dl-tree -l flatten -d 'Write the records again, in the order of their trees; takes trees apart'
complete -c dl-tree -l strict -d 'Exit with 3 if any line was rejected'
complete -c dl-tree -l stats -d 'Say on stderr at the end what became of the lines read'
complete -c dl-tree -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-tree -s V -l version -d 'Print version'
