# help.sh - what programs say of themselves: -h, --help, --version, a wrong option, help about each word; and the
# completion of bash, which must know every word and option that help knows.
B=$SEKISHO_BIN
gate_start || exit 1

# --- programs: each is an ELF file of ours
wrong=""
for f in "$B"/sekisho*; do
	p=${f##*/}
	[ "$(head -c 4 "$f" | tail -c 3)" = ELF ] || continue
	"$f" --version >$T/v 2>$T/e </dev/null; [ "$?" = 0 ] && [ "$(cut -d' ' -f1 $T/v)" = "$p" ] && [ ! -s $T/e ] || wrong="$wrong $p:--version"
	"$f" --help >$T/h 2>$T/e </dev/null; [ "$?" = 0 ] && [ -s $T/h ] && [ ! -s $T/e ] || wrong="$wrong $p:--help"
	"$f" -h >$T/h2 2>$T/e </dev/null; [ "$?" = 0 ] && cmp -s $T/h $T/h2 || wrong="$wrong $p:-h"
	[ "$p" = sekisho ] || grep -q "$p([18])" $T/h || wrong="$wrong $p:page"
	"$f" --no-such-option >$T/o 2>$T/e </dev/null; [ "$?" = 64 ] && [ ! -s $T/o ] && [ -s $T/e ] || wrong="$wrong $p:64"
	[ "$("$f" --version | cut -d' ' -f2)" = "$("$B/sekishod" --version | cut -d' ' -f2)" ] || wrong="$wrong $p:another-version"
done
is "every program has -h, --help, --version, and 64 for what it does not know" "$wrong" ""

# --- words: the list has each, help has each in full, and wrong use shows it
ssh_ alice help
cp $T/out $T/list
rows=$(sed -n 's/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p' $T/list)
is "help has words" "$([ "$(wc -l <<<"$rows")" -gt 20 ] && echo yes)" yes
wrong=""
while read -r row; do
	ssh_ alice help $row
	[ "$STATUS" = 0 ] && grep -q "^$row" $T/out || wrong="$wrong [$row]"
	cat $T/out >>$T/full
	# its usage may take several lines, up to the summary, which stands two blanks in
	awk -v r="$row" 'index($0, r) == 1 {on = 1} on && /^  [^ ]/ {exit} on' $T/out >"$T/use-${row// /-}"
done <<<"$rows"
is "help tells more about each of them" "$wrong" ""
is "no line of it is wider than a terminal" "$(grep -E '.{81}' $T/full)" ""
ssh_ alice help nonsense
is "there is no help about nonsense" "$STATUS" 77
wrong=""
while read -r row; do
	ssh_ alice $row --no-such-option
	[ "$STATUS" = 64 ] && grep -q '^next: ' $T/err || wrong="$wrong [$row $STATUS]"
done <<<"$(grep -v '^help' <<<"$rows")"
is "an option that a word does not have is USAGE" "$wrong" ""

# --- completion: completes LINE as bash does, the last word being the one that is typed
complete_() {
	# words as the shell divides them; @ divides too
	bash --norc -c '. "$1"; shift
		sekisho_gate gate gate2
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		f=$(complete -p "$1" | sed "s/.* -F \([^ ]*\) .*/\1/"); $f; printf "%s\n" "${COMPREPLY[@]}"' \
	    x "$SEKISHO_TOP/bastion/completion/sekisho.bash" "$@" 2>$T/e | LC_ALL=C sort | tr '\n' ' '
}
wrong=""
while read -r row; do
	set -- $row
	case " $(complete_ ssh gate "") " in *" $1 "*) ;; *) wrong="$wrong $1";; esac
	[ $# = 1 ] || case " $(complete_ ssh alice @ gate $1 "") " in *" $2 "*) ;; *) wrong="$wrong [$row]";; esac
	# each option that help has in its usage line
	for o in $(sed 's/ -- .*//' "$T/use-${row// /-}" | grep -oE '[][ |]--?[a-z][a-z-]*' | grep -oE -- '--?[a-z][a-z-]*'); do
		case " $(complete_ ssh -p 2222 gate2 $row "$o") " in *" $o "*) ;; *) wrong="$wrong [$row $o]";; esac
	done
done <<<"$rows"
is "completion knows every word and option that help knows" "$wrong" ""
is "words begin with what is typed" "$(complete_ ssh gate re)" "request review "
is "sekisho itself completes them, and the words of root" "$(complete_ sekisho se)" "session setup "
is "behind --door too" "$(complete_ sekisho --door /x req)" "request "
is "a value is completed where it is one of a few" "$(complete_ ssh gate review verdict J1 a)" "adequate "
is "and behind its option" "$(complete_ sekisho request new --input t)" "tty "
is "behind -- nothing is" "$(complete_ ssh gate request new -- re)" " "
is "another host's words are left alone" "$(complete_ ssh elsewhere re)" " "
is "help completes words" "$(complete_ ssh gate help audit p)" "proof "
is "check has its areas" "$(complete_ sekisho check ke)" "kernel "
is "sekisho-verify has its options" "$(complete_ sekisho-verify --s)" "--state --store "
is "sekishod too" "$(complete_ sekishod -)" "--help --version -c -f -h -p "
is "a file is completed where one is wanted" "$(cd /etc/sekisho && complete_ sekishod -c sek)" "sekisho.conf "
