#!/bin/sh
# Pages somebody for each record on standard input; here, a line in pages.txt stands for that.
while read -r record; do
    text=$(printf '%s\n' "$record" | dl-fmt --color never)
    echo "PAGE $text" >> pages.txt
done
