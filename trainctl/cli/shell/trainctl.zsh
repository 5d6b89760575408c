#compdef trainctl
# zsh completion for trainctl: eval "$(trainctl completion zsh)", or a file _trainctl in a folder of $fpath
_trainctl() {
    local -a lines closed open shown_closed shown_open
    local line word
    lines=("${(@f)$(_TRAINCTL_COMPLETE=zsh "$words[1]" "${(@Q)words[2,CURRENT]}" 2> /dev/null)}")
    case $lines[1] in
        files) _files; return ;;
        folders) _files -/; return ;;
    esac
    for line in "${(@)lines[2,-1]}"; do
        word=${line%%$'\t'*}
        if [[ $word == *[=/] ]]; then
            open+=("$word")
            shown_open+=("${line//$'\t'/  }")
        else
            closed+=("$word")
            shown_closed+=("${line//$'\t'/  }")
        fi
    done
    compadd -l -d shown_closed -- "${(@)closed}"
    compadd -l -S '' -d shown_open -- "${(@)open}"
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _trainctl "$@"
else
    compdef _trainctl trainctl
fi
