complete -c dl-tree -l select -d 'Only the scopes that match EXPR, with those above them' -r
complete -c dl-tree -l explain -d 'Tell why the records of the tree stand where they stand' -r
complete -c dl-tree -l live-window -d 'Write each tree when it is complete, others when silent for TIME' -r
complete -c dl-tree -l grace -d 'With --live-window, wait this long for records that no id announces' -r
complete -c dl-tree -l idle -d 'With --live-window, write an incomplete tree after this silence [default: the window]' -r
complete -c dl-tree -l progress-every -d 'With --live-window, also write unfinished trees that have grown, as snapshots' -r
complete -c dl-tree -l order -d 'The order of the trees' -r -f -a "input\t'As their first records came'
start\t'When they began; the same whatever the order of the input'
end\t'When they ended'
duration\t'How long they took, the longest first'"
complete -c dl-tree -l loose -d 'What to do with records that belong to no tree' -r -f -a "drop\t'Count it'
pass\t'Write it as it is'"
complete -c dl-tree -l memory -d 'Use files beyond this much memory [default: a quarter, at least 256MiB]' -r
complete -c dl-tree -l id -d 'Records have the id of their scope in FIELD' -r
complete -c dl-tree -l parent -d 'They have the id of the scope above in FIELD' -r
complete -c dl-tree -l tree -d 'They have the id of the tree in FIELD' -r
complete -c dl-tree -l position -d 'The whole numbers in FIELD order the records of a scope' -r
complete -c dl-tree -l start -d 'The records that EXPR selects begin a scope, and their message is its name' -r
complete -c dl-tree -l end -d 'The records that EXPR selects end a scope' -r
complete -c dl-tree -l join -d 'The trees of records with the same value in FIELD are one; may be given several times' -r
complete -c dl-tree -l foreign -d 'What to do with lines that are no JSON objects' -r -f -a "drop\t'Count it as rejected'
pass\t'Write it as it is'
wrap\t'Make it a record: {"message": LINE}'
fail\t'Stop with an error'"
complete -c dl-tree -l rejects -d 'Keep rejected lines in FILE, byte for byte' -r
complete -c dl-tree -s j -l jobs -d 'Workers [default: all cores]' -r
complete -c dl-tree -l max-record -d 'The longest line that can be a record, in bytes' -r
complete -c dl-tree -l schema -d 'Records look as FILE says (dl-schema(5)); may be given several times' -r -F
complete -c dl-tree -l map -d 'Look for the canonical field NAME at FIELD first; may be given several times' -r
complete -c dl-tree -l flatten -d 'Write the records, in the order of their trees; takes trees apart'
complete -c dl-tree -l no-stamp -d 'With --flatten, write the records as they came, without dl.tree'
complete -c dl-tree -l summary -d 'Write what is known of each tree as a whole, without its scopes'
complete -c dl-tree -l descendants -d 'With --select, also all scopes below those that match'
complete -c dl-tree -l critical-path -d 'Mark what each request was waiting for: the member critical of scopes'
complete -c dl-tree -l adjust-clocks -d 'Move the times of scopes where clocks contradict the order of things'
complete -c dl-tree -l strict -d 'Exit with 3 if any line was rejected'
complete -c dl-tree -l stats -d 'Say on stderr at the end what became of the lines read'
complete -c dl-tree -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-tree -s V -l version -d 'Print version'
