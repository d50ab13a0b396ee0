complete -c dl-filter -s f -l expr-file -d 'Read the expression from FILE' -r
complete -c dl-filter -s l -l level -d 'Only records of this level or above' -r
complete -c dl-filter -l since -d 'Only records of this time or later: 2026-11-20T12:00:00Z, now-3h, today' -r
complete -c dl-filter -l until -d 'Only records before this time' -r
complete -c dl-filter -l tz -d 'The zone of times that name none, and of today: Europe/Berlin, +02:00, local' -r
complete -c dl-filter -s t -l tree -d 'Only records of the request with this id; may be given several times' -r
complete -c dl-filter -s m -l max-count -d 'Stop after N selected records' -r
complete -c dl-filter -l live-window -d 'With --whole-tree on a stream, decide about trees silent for TIME' -r
complete -c dl-filter -s A -l after-context -d 'Also the N records after each match, of the same process' -r
complete -c dl-filter -s B -l before-context -d 'Also the N records before each match, of the same process' -r
complete -c dl-filter -s C -l context -d 'Also the N records before and after each match: -A N -B N' -r
complete -c dl-filter -l context-by -d 'Whose records are context: process, tree, a FIELD, or none for all [default: process]' -r
complete -c dl-filter -l memory -d 'Memory for whole trees and context [default: a quarter, at least 256MiB]' -r
complete -c dl-filter -l redact -d 'Replace secrets: keys, paths, patterns such as card, /REGEX/' -r
complete -c dl-filter -l redact-with -d 'What to put in the place of a secret; hash is a hash with the key of --redact-key' -r
complete -c dl-filter -l redact-key -d 'The file that has the key of hashes, 16 bytes or more' -r
complete -c dl-filter -l sample -d 'Keep a share of all trees: 1/100, 0.01 or 1%' -r
complete -c dl-filter -l throttle -d 'Let so many records pass and no more: 100/s, 600/m, 1000/h or 9/d' -r
complete -c dl-filter -l by -d 'The field by which --sample or --throttle goes [default: tree; none, all together]' -r
complete -c dl-filter -l sample-by -d 'The field by which --sample goes, if not by tree' -r
complete -c dl-filter -l throttle-by -d 'The field by which --throttle goes, if not all together' -r
complete -c dl-filter -l dedup -d 'Of equal records within WINDOW, write the first and the last: 10s, 1m' -r
complete -c dl-filter -l dedup-by -d 'The fields in which records must be equal for --dedup [default: level,logger,message]' -r
complete -c dl-filter -l jq -d 'Run a jq program on each selected record, and write its results' -r
complete -c dl-filter -l jq-file -d 'Read the jq program from a file' -r
complete -c dl-filter -l jq-arg -d 'Make $NAME a string in the jq program' -r
complete -c dl-filter -l jq-argjson -d 'Make $NAME what a text of JSON says in the jq program' -r
complete -c dl-filter -l rules -d 'Send each record where the rules in FILE say' -r
complete -c dl-filter -l linger -d 'How long to try to deliver what is left at the end, with --rules' -r
complete -c dl-filter -l shard -d 'Only the records of part K of N, such as 2/4; all of a tree are in one part' -r
complete -c dl-filter -l shard-to -d 'Write each of the N parts to a file: {} in NAME becomes its number' -r
complete -c dl-filter -l shard-by -d 'The field that keeps records together, in the place of the tree' -r
complete -c dl-filter -l foreign -d 'What to do with lines that are no JSON objects' -r -f -a "drop\t'Count it as rejected'
pass\t'Write it as it is'
wrap\t'Make it a record: {"message": LINE}'
fail\t'Stop with an error'"
complete -c dl-filter -l rejects -d 'Keep rejected lines in FILE, byte for byte' -r
complete -c dl-filter -s j -l jobs -d 'Workers [default: all cores]' -r
complete -c dl-filter -l max-record -d 'The longest line that can be a record, in bytes' -r
complete -c dl-filter -l schema -d 'Records look as FILE says (dl-schema(5)); may be given several times' -r -F
complete -c dl-filter -l map -d 'Look for the canonical field NAME at FIELD first; may be given several times' -r
complete -c dl-filter -s v -l invert -d 'Select what does not match'
complete -c dl-filter -l explain -d 'Tell how the expression was understood, and read nothing'
complete -c dl-filter -s c -l count -d 'Write only the number of selected records'
complete -c dl-filter -s q -l quiet -d 'Write nothing; exit with 0 if a record is selected, else with 1'
complete -c dl-filter -l files-with-matches -d 'Write only the names of the inputs that have a selected record'
complete -c dl-filter -s e -l exit-status -d 'Exit with 1 if nothing was selected'
complete -c dl-filter -l whole-tree -d 'Select all records of a tree in which any record matches'
complete -c dl-filter -l check -d 'Check the file of --rules, say what stands in it, and exit'
complete -c dl-filter -l strict -d 'Exit with 3 if any line was rejected'
complete -c dl-filter -l stats -d 'Say on stderr at the end what became of the lines read'
complete -c dl-filter -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-filter -s V -l version -d 'Print version'
