#!/bin/sh
# Pages somebody for each record on standard input; here, a line in pages.txt stands for that.
dl-fmt --color never | while read -r line; do
    echo "PAGE $line" >> pages.txt
done
