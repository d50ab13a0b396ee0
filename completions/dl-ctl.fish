# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_dl_ctl_global_optspecs
    string join \n control= wait= json e/exit-status h/help V/version
end

function __fish_dl_ctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_dl_ctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_dl_ctl_using_subcommand
    set -l cmd (__fish_dl_ctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -l control -d 'Where dl-recv has its --control' -r
complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -l wait -d 'How long to wait for the processes to answer' -r
complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -l json -d 'Write JSON objects, one a rule'
complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -s e -l exit-status -d 'Exit with 1 if it concerned no process, or no rule'
complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -s V -l version -d 'Print version'
complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -f -a "set" -d 'Give loggers another level until --ttl is over'
complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -f -a "list" -d 'Tell which rules are in force, and in which processes'
complete -c dl-ctl -n "__fish_dl_ctl_needs_command" -f -a "clear" -d 'End rules before their time'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l ttl -d 'How long it lasts; dl-recv\'s --control-ttl is the longest' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l host -d 'Only on hosts of such names, with * and ?' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l process -d 'Only in processes of such names, with * and ?' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l task -d 'Only for one request, by the id of its tree' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l why -d 'The reason, which is logged wherever the rule is applied' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l control -d 'Where dl-recv has its --control' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l wait -d 'How long to wait for the processes to answer' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l dry-run -d 'Only tell which loggers would change, and how'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -l json -d 'Write JSON objects, one a rule'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -s e -l exit-status -d 'Exit with 1 if it concerned no process, or no rule'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand list" -l control -d 'Where dl-recv has its --control' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand list" -l wait -d 'How long to wait for the processes to answer' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand list" -l json -d 'Write JSON objects, one a rule'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand list" -s e -l exit-status -d 'Exit with 1 if it concerned no process, or no rule'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand clear" -l control -d 'Where dl-recv has its --control' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand clear" -l wait -d 'How long to wait for the processes to answer' -r
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand clear" -l dry-run -d 'Only tell which rules would end'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand clear" -l json -d 'Write JSON objects, one a rule'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand clear" -s e -l exit-status -d 'Exit with 1 if it concerned no process, or no rule'
complete -c dl-ctl -n "__fish_dl_ctl_using_subcommand clear" -s h -l help -d 'Print help (see more with \'--help\')'
