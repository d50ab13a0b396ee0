complete -c dl-send -l topic -d 'The first frame of ZeroMQ messages; \'\' sends single frames' -r
complete -c dl-send -l linger -d 'How long to try to deliver what is left at the end' -r
complete -c dl-send -l curve-server -d 'The public key of CURVE of the receiver, which is talked to in no other way then' -r -F
complete -c dl-send -l curve-key -d 'Our secret key, by which the receiver knows us, or that of a publisher' -r -F
complete -c dl-send -l curve-allow -d 'With --curve-key, let only subscribers of pub+tcp in whose public keys are in FILE' -r -F
complete -c dl-send -l tls-ca -d 'Talk TLS only to receivers whose certificate was issued by one of those in FILE' -r -F
complete -c dl-send -l facility -d 'The facility of messages of syslog [default: user]' -r
complete -c dl-send -l encoding -d 'How requests of OTLP are written [default: protobuf]' -r -f -a "protobuf\t'Binary'
json\t'OTLP/JSON'"
complete -c dl-send -l partitions -d 'Into how many partitions a stream of NATS is divided [default: 16]' -r
complete -c dl-send -l compress -d 'How requests of OTLP [default: gzip], files of Parquet and batches for ClickHouse [default: zstd] and streams of lines [default: none] are compressed' -r -f -a "gzip\t'By gzip'
zstd\t'By zstd'
snappy\t'By Snappy'
none\t'Not at all'"
complete -c dl-send -l tls-cert -d 'Our certificate, for endpoints with TLS: PEM, with those between it and a root behind it' -r -F
complete -c dl-send -l tls-key -d 'The private key of --tls-cert, in PEM' -r -F
complete -c dl-send -l batch -d 'How many records go into a database [default: 10000] or a request [default: 1000]' -r
complete -c dl-send -l speed -d 'Send records as far apart as their times are, or so many times as fast: 1x, 10x, max' -r
complete -c dl-send -l rate -d 'Send at most so many records a second: 500/s' -r
complete -c dl-send -l shift-to -d 'Move the times of all records so that the first one is of now' -r -f -a "now\t''"
complete -c dl-send -l spool -d 'Keep all records in files in DIR until the output has taken them' -r -F
complete -c dl-send -l spool-max -d 'With --spool, how much may wait in DIR' -r
complete -c dl-send -l rotate -d 'Begin another file when this one has so many bytes' -r
complete -c dl-send -l keep -d 'Delete files of earlier times: those older than TIME, or beyond so many' -r
complete -c dl-send -l foreign -d 'What to do with lines that are no JSON objects' -r -f -a "drop\t'Count it as rejected'
pass\t'Write it as it is'
wrap\t'Make it a record: {"message": LINE}'
fail\t'Stop with an error'"
complete -c dl-send -l rejects -d 'Keep rejected lines in FILE, byte for byte' -r
complete -c dl-send -s j -l jobs -d 'Workers [default: all cores]' -r
complete -c dl-send -l max-record -d 'The longest line that can be a record, in bytes' -r
complete -c dl-send -l schema -d 'Records look as FILE says (dl-schema(5)); may be given several times' -r -F
complete -c dl-send -l map -d 'Look for the canonical field NAME at FIELD first; may be given several times' -r
complete -c dl-send -l insecure -d 'Publish at other than loopback addresses without CURVE'
complete -c dl-send -l strict -d 'Exit with 3 if any line was rejected'
complete -c dl-send -l stats -d 'Say on stderr at the end what became of the lines read'
complete -c dl-send -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-send -s V -l version -d 'Print version'
