# fish completion for trainctl: trainctl completion fish > ~/.config/fish/completions/trainctl.fish
function __trainctl_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l lines (_TRAINCTL_COMPLETE=fish $words[1] $words[2..] 2> /dev/null)
    switch $lines[1]
        case files
            __fish_complete_path (commandline -ct)
        case folders
            __fish_complete_directories (commandline -ct)
        case '*'
            string join \n -- $lines[2..]
    end
end
complete -c trainctl -f -a '(__trainctl_complete)'
