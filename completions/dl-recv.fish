complete -c dl-recv -s o -l output -d 'Append to FILE instead of writing to standard output' -r
complete -c dl-recv -l linger -d 'With -o to a ZeroMQ endpoint, how long to try to deliver what is left at the end' -r
complete -c dl-recv -l foreign -d 'What to do with lines that are no JSON objects' -r -f -a "drop\t'Count it as rejected'
pass\t'Write it as it is'
wrap\t'Make it a record: {"message": LINE}'
fail\t'Stop with an error'"
complete -c dl-recv -l rejects -d 'Keep rejected lines in FILE, byte for byte' -r
complete -c dl-recv -s j -l jobs -d 'Workers [default: all cores]' -r
complete -c dl-recv -l max-record -d 'The longest line that can be a record, in bytes' -r
complete -c dl-recv -l no-stamp -d 'Do not add dl.recv (peer, topic, time, sequence) to records from the network'
complete -c dl-recv -l strict -d 'Exit with 3 if any line was rejected'
complete -c dl-recv -l stats -d 'Say on stderr at the end what became of the lines read'
complete -c dl-recv -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-recv -s V -l version -d 'Print version'
