#!/usr/bin/env bash
# A distributed run that cannot succeed ends by itself, not with success, with words that
# name rank and tensor.
set -uo pipefail
mpiexec=$1 program=$2 failure=$3
run() { timeout 60 "$mpiexec" --oversubscribe "$@" -n 3 "$program" "$failure" 4 2>&1; }

words=$(run)
code=$?
echo "$words"
# 124: only the timeout ended it.
[ $code != 0 ] && [ $code != 124 ] || { echo "exit code $code"; exit 1; }
case $failure in
  uneven_lengths) wanted="rank [0-9]: allreduce.*'gradient of layer3.weight'" ;;
  missing_rank) wanted="rank [01]: allreduce.*'gradient' with rank" ;;
  # By itself or by those whom it told: mpirun may end it before it has spoken.
  throwing_rank) wanted="the loss is not finite" ;;
  killed_rank)
    # mpirun ends all ranks when one is killed. Where it does not, the others notice
    # themselves, each of them.
    grep -q "signal 9" <<<"$words" || { echo "mpirun did not say what happened"; exit 1; }
    words=$(run --enable-recovery)
    echo "$words"
    for rank in 0 1; do
      wanted="rank $rank: allreduce.*'gradient of generator' with rank . failed after 4"
      grep -q "$wanted" <<<"$words" || { echo "no words like: $wanted"; exit 1; }
    done ;;
esac
grep -q "$wanted" <<<"$words" || { echo "no words like: $wanted"; exit 1; }
