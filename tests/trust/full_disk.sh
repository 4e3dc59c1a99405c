#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# F31: a disk that is really full when a run is born (tests/fault/disk_test does the same
# to one that is under way). Nothing is contacted, and the advice is to make room and to
# begin again: there is nothing to resume. The disk is a tmpfs of its own, seen by this
# script alone.
if [ -z "${GONOGO_OWN_MOUNTS:-}" ]; then
    if ! unshare --mount true 2>/dev/null; then
        echo "ok 1 - fault_F31: not tested, nobody may mount a file system here"
        echo "1..1"
        exit 0
    fi
    GONOGO_OWN_MOUNTS=1 exec unshare --mount --propagation private bash "$0" "$@"
fi
. "$(dirname "$0")/../support/window.sh"

full=$work/full
mkdir "$full"
mount -t tmpfs -o size=256k,mode=700 gonogo-test "$full" || {
    echo "Bail out! no tmpfs"
    exit 99
}
state=$full/state
mkdir -m 700 "$state"
on_full_disk() { XDG_STATE_HOME=$state "$@"; }
fill() { cat /dev/zero >"$full/fill" 2>/dev/null; }

small_world
fill
on_full_disk walk
exits "fault_F31: no record, no run" 11
says "fault_F31: it says why" "$err" "No space left on device"
says "fault_F31: and that nothing was changed" "$err" "no further change was made"
says "fault_F31: the advice is to make room and to begin again" "$err" "next: make room on the disk, or set XDG_STATE_HOME to a folder that can be written, and begin again"
same "fault_F31: nobody is sent to resume what never was" "$(grep -c 'gonogo resume' <<<"$err")" 0
same "fault_F31: nothing was sent" "$(table orders)" 0
nothing_left "fault_F31: nobody is connected"

rm "$full/fill"
on_full_disk go runs
exits "fault_F31: the runs can be listed afterwards" 0
on_full_disk walk
exits "fault_F31: with room it begins again" 0
same "fault_F31: and does its work" "$(table orders)" 1

# full again, with a run that is over: it can still be looked at
fill
on_full_disk go status
exits "fault_F31: status reads on a full disk" 0
umount "$full"
finish
