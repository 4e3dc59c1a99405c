#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# A second opinion on the screens: the program in tmux, keys by send-keys, what is seen by
# capture-pane, what was done asked of the database.
. "$(dirname "$0")/../support/window.sh"

in_tmux() { TMUX='' tmux -S "$work/tmux" -f /dev/null "$@"; }

# pane_has NAME TEXT: waits for up to ten seconds
pane_has() {
    local try
    for ((try = 0; try < 200; try++)); do
        pane=$(in_tmux capture-pane -p)
        case $pane in *"$2"*) break ;; esac
        sleep 0.05
    done
    says "$1" "$pane" "$2"
}

# press_for NAME KEY TEXT: a box that has just opened is deaf for a moment
press_for() {
    local try
    for ((try = 0; try < 50; try++)); do
        in_tmux send-keys "$2"
        sleep 0.2
        pane=$(in_tmux capture-pane -p)
        case $pane in *"$3"*) break ;; esac
    done
    says "$1" "$pane" "$3"
}

small_world
PGUSER=app_owner PGDATABASE=$database in_tmux new-session -d -x 80 -y 24 \
    "'$GONOGO' run '$folder/plan.yaml'; echo exit=\$?; read -r end"
pane_has "the screens open in tmux" " NEXT  "
pane_has "the identity stands above" " TEST  "
in_tmux send-keys v
pane_has "v shows the plan" "PLAN REVIEW"
in_tmux send-keys '?'
pane_has "? helps" "── HELP"
in_tmux send-keys Escape
pane_has "Esc closes the help" "PLAN REVIEW"
in_tmux send-keys :goto Space 001:1 Enter y
pane_has "y copies and says where to" "copied: copied.txt of the run, tmux's buffer"
for ((try = 0; try < 200; try++)); do # tmux is told by a child of ours
    buffer=$(in_tmux show-buffer 2>/dev/null) && break
    sleep 0.05
done
says "tmux's buffer has the statement" "$buffer" "create table orders (id int primary key)"
same "and so has the file" "$(cat "$(find "$XDG_STATE_HOME" -name copied.txt)")" "$buffer"
in_tmux send-keys c
pane_has "c counts" "BEFORE / AFTER"
in_tmux resize-window -x 120 -y 40
pane_has "a larger window gets panes" "── DEFINITION"
in_tmux send-keys q
pane_has "q asks first" "A run is open"
in_tmux send-keys Escape
same "nothing was done" "$(table orders)" 0
in_tmux send-keys :quit Enter
pane_has ":quit asks, too" "A run is open"
press_for "leaving is chosen" j "►  leave"
in_tmux send-keys Enter
pane_has "and confirmed" "type leave"
press_for "by a word" l "│ l"
in_tmux send-keys C-u leave Enter
pane_has "the exit code is that of a stop" "exit=6"
same "and nothing was done" "$(table orders)" 0
in_tmux kill-server
nothing_left "nothing of ours is left"
finish
