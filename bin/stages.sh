# Sourced: runs the function `stage` for every name, tells the time of each, and fails at the end if any failed.
run_stages() {
    local name began report="" failed=0
    for name in $*; do
        echo "--- $name"
        began=$SECONDS
        if stage "$name"; then
            report+=$(printf '%-12s ok      %4d s' "$name" $((SECONDS - began)))$'\n'
        else
            report+=$(printf '%-12s FAILED  %4d s' "$name" $((SECONDS - began)))$'\n'
            failed=1
        fi
    done
    echo "---"
    printf '%s' "$report"
    return $failed
}
