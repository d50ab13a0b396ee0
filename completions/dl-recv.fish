complete -c dl-recv -l format -d 'What the lines of files and standard input are; see FORMATS in the manual' -r -f -a "ndjson\t'JSON objects, one a line'
auto\t'each line in the format that it looks like'
logfmt\t'key=value pairs, words in front of them too'
syslog\t'RFC 5424 and RFC 3164, with <PRI> in front or without, as rsyslog writes files'
access\t'access logs of web servers: the common and the combined log format, uvicorn\'s, Flask\'s, Django\'s, morgan\'s and Squid\'s'
nginx\t'the log of errors that nginx writes'
haproxy\t'the log of HAProxy'
uwsgi\t'the log of uWSGI: requests, and of its own lines those that show it'
redis\t'the log of Redis and Valkey'
rabbitmq\t'the log of RabbitMQ'
postgres\t'PostgreSQL\'s log on stderr, with the usual log_line_prefix'
mysql\t'the log of errors of MariaDB and MySQL'
mysql-slow\t'the log of slow queries of MariaDB and MySQL'
apache\t'the log of errors that Apache\'s httpd writes'
jul\t'what java.util.logging writes by itself, two lines for each record'
glog\t'what glog, klog and Abseil write, with a letter for the level in front'
dotnet\t'what .NET\'s console logger writes by itself, a line and those that are set in below it'
docker\t'the files of Docker\'s json-file driver'
cri\t'the files of containerd and CRI-O, as Kubernetes keeps them'
compose\t'a name in front of each line, as docker compose and kubectl --prefix print'
timestamps\t'a time in front of each line, as kubectl --timestamps and docker logs -t print'
journald-export\t'what journalctl -o export prints and systemd-journal-remote takes'
json\t'JSON objects over several lines, and lists and exports of many'
json-seq\t'RFC 7464: JSON objects behind record separators'"
complete -c dl-recv -l pattern -d 'Read text by a regular expression with named groups; may be given several times' -r
complete -c dl-recv -l time-format -d 'How the group time of --pattern is written, in the codes of strftime(3)' -r
complete -c dl-recv -l tz -d 'The zone of times that are written without one' -r
complete -c dl-recv -l year -d 'The year of times of syslog and glog, which are written without one' -r
complete -c dl-recv -l state -d 'With --follow, keep in FILE how far has been read, and go on from there' -r -F
complete -c dl-recv -l sorted -d 'Take it that each file is in the order of time already' -r
complete -c dl-recv -l merge-window -d 'Hold each record back for TIME, and let those that are older go first' -r
complete -c dl-recv -l memory -d 'The memory to put records in order with' -r
complete -c dl-recv -l where -d 'Read only those records of databases and Parquet that EXPR selects' -r
complete -c dl-recv -s o -l output -d 'Append to FILE instead of writing to standard output' -r
complete -c dl-recv -l linger -d 'With -o to an endpoint that may be away, how long to try to deliver what is left at the end' -r
complete -c dl-recv -l tls-ca -d 'Talk TLS only to receivers whose certificate was issued by one of those in FILE' -r -F
complete -c dl-recv -l facility -d 'The facility of messages of syslog [default: user]' -r
complete -c dl-recv -l encoding -d 'How requests of OTLP are written [default: protobuf]' -r -f -a "protobuf\t'Binary'
json\t'OTLP/JSON'"
complete -c dl-recv -l partitions -d 'Into how many partitions a stream of NATS is divided [default: 16]' -r
complete -c dl-recv -l compress -d 'How requests of OTLP [default: gzip], files of Parquet and batches for ClickHouse [default: zstd] and streams of lines [default: none] are compressed' -r -f -a "gzip\t'By gzip'
zstd\t'By zstd'
snappy\t'By Snappy'
none\t'Not at all'"
complete -c dl-recv -l spool -d 'Keep all records in files in DIR until the output has taken them' -r -F
complete -c dl-recv -l spool-max -d 'With --spool, how much may wait in DIR' -r
complete -c dl-recv -l rotate -d 'Begin another file when this one has so many bytes' -r
complete -c dl-recv -l keep -d 'Delete files of earlier times: those older than TIME, or beyond so many' -r
complete -c dl-recv -l stamp -d 'Add NAME to the dl.recv of all records, also of files' -r
complete -c dl-recv -l stamp-path -d 'Add what the named groups of REGEX match in the path of a file to the dl.recv of its records' -r
complete -c dl-recv -l drop-buffer -d 'With --drop-when-full, how much may wait in memory' -r
complete -c dl-recv -l stats-every -d 'Write a record with counts every so often, and at the end' -r
complete -c dl-recv -l stats-to -d 'With --stats-every, append these records to FILE instead' -r -F
complete -c dl-recv -l metrics -d 'Answer Prometheus at http://HOST:PORT/metrics' -r
complete -c dl-recv -l tls-cert -d 'Our certificate, for endpoints with TLS: PEM, with those between it and a root behind it' -r -F
complete -c dl-recv -l tls-key -d 'The private key of --tls-cert, in PEM' -r -F
complete -c dl-recv -l tls-client-ca -d 'Let only clients in whose certificate was issued by one of those in FILE' -r -F
complete -c dl-recv -l curve-key -d 'Our secret key of CURVE, which all ZeroMQ endpoints over TCP have then' -r -F
complete -c dl-recv -l curve-allow -d 'With --curve-key, let only clients in whose public keys are in FILE' -r -F
complete -c dl-recv -l curve-server -d 'The public key of CURVE of the publishers that sub+tcp connects to' -r -F
complete -c dl-recv -l max-connections -d 'The most connections at a time; further ones wait' -r
complete -c dl-recv -l peer-timeout -d 'How long a peer may take for a message that it has begun' -r
complete -c dl-recv -l max-body -d 'The longest body of a request, as it comes and when decompressed, in bytes' -r
complete -c dl-recv -l max-ratio -d 'How many times its size what is compressed may expand to' -r
complete -c dl-recv -l group -d 'The name of the group of workers that reads a stream of NATS together' -r
complete -c dl-recv -l workers -d 'Among how many workers of the group the partitions are dealt' -r
complete -c dl-recv -l replay -d 'Read again what was acknowledged in this time before a worker ended; all for all of it' -r
complete -c dl-recv -l lease -d 'How long a worker that is not heard of is taken for alive' -r
complete -c dl-recv -l control -d 'Let dl-ctl(1) change the levels of running programs: it comes to ipc://PATH' -r
complete -c dl-recv -l control-ttl -d 'The longest time that dl-ctl(1) may change a level for' -r
complete -c dl-recv -l foreign -d 'What to do with lines that are no JSON objects' -r -f -a "drop\t'Count it as rejected'
pass\t'Write it as it is'
wrap\t'Make it a record: {"message": LINE}'
fail\t'Stop with an error'"
complete -c dl-recv -l rejects -d 'Keep rejected lines in FILE, byte for byte' -r
complete -c dl-recv -s j -l jobs -d 'Workers [default: all cores]' -r
complete -c dl-recv -l max-record -d 'The longest line that can be a record, in bytes' -r
complete -c dl-recv -l schema -d 'Records look as FILE says (dl-schema(5)); may be given several times' -r -F
complete -c dl-recv -l map -d 'Look for the canonical field NAME at FIELD first; may be given several times' -r
complete -c dl-recv -s F -l follow -d 'Read the files as they grow, and over rotation'
complete -c dl-recv -l from-end -d 'With --follow, begin at the ends of the files that are there'
complete -c dl-recv -l merge -d 'Put the records of all files in the order of time'
complete -c dl-recv -l no-stamp -d 'Do not add dl.recv to records from the network'
complete -c dl-recv -l stamp-seq -d 'Add seq to the dl.recv of the records of files: the number of each in its file, from 1'
complete -c dl-recv -l drop-when-full -d 'Drop records when the output is too slow, instead of making their senders wait'
complete -c dl-recv -l insecure -d 'Listen at other than loopback addresses without encryption, and for datagrams'
complete -c dl-recv -l until-end -d 'End when all partitions of the stream have been read to their end, by whichever worker'
complete -c dl-recv -l strict -d 'Exit with 3 if any line was rejected'
complete -c dl-recv -l stats -d 'Say on stderr at the end what became of the lines read'
complete -c dl-recv -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-recv -s V -l version -d 'Print version'
