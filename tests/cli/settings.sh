#!/bin/bash
# SPDX-License-Identifier: PostgreSQL
#
# Options that a file or the environment says: what goes before what, who is told to have
# said it, and what is never taken from them.
. "$(dirname "$0")/../support/window.sh"

place=$work/project
mkdir -p "$place" "$HOME/.config/gonogo" "$work/config/gonogo"
cd "$place" || exit 99

# value KEY: the line of `help settings`, blanks as one
value() { awk -v key="$1" '$1 == key { $1 = $1; print }' <<<"$out"; }

go help settings
exits "settings are shown" 0
same "nothing said is built in" "$(value theme)" "theme - built in"
same "a switch is no" "$(value mouse)" "mouse no built in"

printf 'theme: light\nglyphs: linux\ncolor: never\n' >"$HOME/.config/gonogo/gonogo.yaml"
go help settings
same "a person's own file" "$(value theme)" "theme light $HOME/.config/gonogo/gonogo.yaml:1:8"
printf 'theme: mono\n' >"$work/config/gonogo/gonogo.yaml"
XDG_CONFIG_HOME=$work/config go help settings
same "XDG_CONFIG_HOME moves it" "$(value theme)" "theme mono $work/config/gonogo/gonogo.yaml:1:8"
same "and only it is read then" "$(value glyphs)" "glyphs - built in"

printf '# looks\ntheme: contrast\nmouse: true\nquiet: true\n' >gonogo.yaml
go help settings
same "the project goes before the person" "$(value theme)" "theme contrast gonogo.yaml:2:8"
same "what it leaves open is the person's" "$(value glyphs)" "glyphs linux $HOME/.config/gonogo/gonogo.yaml:2:9"
same "a switch is yes" "$(value mouse)" "mouse yes gonogo.yaml:3:8"
GONOGO_THEME=mono GONOGO_MOUSE=no go help settings
same "the environment goes before the project" "$(value theme)" "theme mono the variable GONOGO_THEME"
same "and can take a switch back" "$(value mouse)" "mouse no the variable GONOGO_MOUSE"
GONOGO_THEME='' go help settings
same "an empty variable says nothing" "$(value theme)" "theme contrast gonogo.yaml:2:8"
GONOGO_QUIET=1 go -v help settings
same "a flag goes before all of them" "$(value verbose)" "verbose yes the command line"
same "and before what contradicts it" "$(value quiet)" "quiet no built in"

# it reaches the command
printf 'theme: contrast\nverbose: true\n' >gonogo.yaml
go runs
says "verbose of the file is as -v" "$err" "took "
go -q runs
lacks "-q goes before it" "$err" "took "
small_world
go check "$folder/plan.yaml"
says "in every command" "$err" "took "
printf 'report: %s\n' "$work/elsewhere" >gonogo.yaml
in_place() { (cd "$place" && "$GONOGO" "$@" >"$work/said" 2>&1); }
in_place demo --headless --time-scale 5760 --trouble wrong-count
same "the report stands where the file says" "$(ls "$work/elsewhere" | grep -c '^report.md$')" 1
printf 'plain: true\n' >gonogo.yaml
in_place demo --headless --trouble wrong-count
same "--headless goes before plain of a file" $? 5
in_place demo --trouble wrong-count </dev/null
same "without a terminal plain of a file asks nobody" $? 5

# what is wrong is told with its place, and nothing is done
printf 'theme: contarst\nmuose: true\nplain: maybe\nlocked: [theme]\ntarget: prod\n' >gonogo.yaml
go runs
exits "a wrong file is an error of usage" 2
says "the word that was meant" "$err" 'gonogo.yaml:1:8: error[Y014] theme: "contarst" is not known here; did you mean "contrast"?'
says "the key that was meant" "$err" 'gonogo.yaml:2:1: error[Y003] muose: unknown key; did you mean "mouse"?'
says "a switch is true or false" "$err" 'gonogo.yaml:3:8: error[Y011] plain: "maybe" is not true or false'
says "only the machine locks" "$err" 'gonogo.yaml:4:1: error[Y003] locked: unknown key'
says "a target is said where the run is started" "$err" 'gonogo.yaml:5:1: error[Y003] target: unknown key'
says "and what to do" "$err" "next: mend gonogo.yaml, or take it away"
go help exit
exits "help helps all the same" 0
go dev bash
exits "and so do the generated texts" 0
printf -- '- a\n' >gonogo.yaml
go runs
says "a list is no settings" "$err" 'gonogo.yaml:1:1: error[Y006] the file is not a mapping of keys'
head -c 70000 /dev/zero | tr '\0' '#' >gonogo.yaml
go runs
exits "a file of no end is refused" 2
ln -sf /etc/passwd gonogo.yaml
go runs
exits "a link is refused" 2
rm gonogo.yaml
mkdir gonogo.yaml
go runs
exits "a folder is refused" 2
rmdir gonogo.yaml
printf '# nothing\n\n' >gonogo.yaml
go runs
exits "comments say nothing" 0
GONOGO_COLOR=pink go runs
exits "a wrong variable is an error of usage" 2
says "with its words" "$err" 'the variable GONOGO_COLOR is "pink", and is one of: auto always never'
GONOGO_MOUSE=maybe go runs
says "a switch is yes or no" "$err" 'the variable GONOGO_MOUSE is "maybe", and is one of: yes no'
GONOGO_TARGET=prod go help settings
lacks "a target is no setting" "$out" "target"

# the machine's file, over a copy of /etc that only these commands see
mkdir "$work/etc"
cp -R /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache "$work/etc/" 2>/dev/null
mkdir "$work/etc/gonogo"
printf 'theme: light\ncolor: never\nmouse: true\nlocked: [color, mouse]\n' >"$work/etc/gonogo/gonogo.yaml"
on_machine() {
    out=$(unshare --mount bash -c 'mount --bind "$1" /etc && shift && exec "$@"' bash "$work/etc" "$GONOGO" "$@" 2>"$work/err")
    code=$?
    err=$(<"$work/err")
}
if unshare --mount true 2>/dev/null; then
    rm -f "$HOME/.config/gonogo/gonogo.yaml"
    on_machine help settings
    same "the machine says what nobody else does" "$(value theme)" "theme light /etc/gonogo/gonogo.yaml:1:8"
    printf 'theme: mono\ncolor: always\n' >gonogo.yaml
    GONOGO_MOUSE=no on_machine help settings
    same "a project goes before it" "$(value theme)" "theme mono gonogo.yaml:1:8"
    same "but not before what it locks" "$(value color)" "color never /etc/gonogo/gonogo.yaml:2:8 (locked)"
    same "nor does the environment" "$(value mouse)" "mouse yes /etc/gonogo/gonogo.yaml:3:8 (locked)"
    on_machine demo --color always --headless --trouble wrong-count
    says "nor a flag, and it is told" "$err" "gonogo: --color is set by /etc/gonogo/gonogo.yaml:2:8 (locked); what the command line says does not count"
    printf 'locked: [theme]\n' >"$work/etc/gonogo/gonogo.yaml"
    on_machine runs
    exits "what is locked must be set" 2
    says "and where it is not" "$err" '/etc/gonogo/gonogo.yaml:1:9: error[Y801] locked: "theme" is locked, but this file does not set it'
fi

# told from the same table
go dev man
for word in GONOGO_THEME GONOGO_MOUSE GONOGO_REPORT './gonogo.yaml' /etc/gonogo/gonogo.yaml 'help settings'; do
    says "the manual knows $word" "${out//\\/}" "$word"
done
go help environment
says "help environment, too" "$out" "GONOGO_GLYPHS"
go dev bash
says "completion offers the topic" "$out" "settings"
says "and the themes" "$out" "default contrast light mono"
cd "$work" || exit 99
finish
