#!/usr/bin/env python3
"""report.py RESULTS - the table of a run, from its results.jsonl.  Median [p10..p90] p99 (ratio to sshd)."""
import json
import sys

from rows import ROWS

BASE = 'sshd'
P99_FROM = 100      # fewer samples have no 99th percentile worth a word


def read(path):
    """head, notes, {row: {who: [values]}}, {row: {who: fails}}; every line must be JSON"""
    head, notes, values, fails = {}, [], {}, {}
    with open(path) as f:
        for line in f:
            one = json.loads(line)
            if 'run' in one:
                head = one['run']
            elif 'note' in one:
                notes.append(one)
            elif 'fail' in one:
                by = fails.setdefault(one['row'], {})
                by[one['who']] = by.get(one['who'], 0) + 1
            else:
                values.setdefault(one['row'], {}).setdefault(one['who'], []).append(one['value'])
    return head, notes, values, fails


def summary(samples):
    s = sorted(samples)
    n = len(s)
    median = s[n // 2] if n % 2 else (s[n // 2 - 1] + s[n // 2]) / 2
    return dict(n=n, median=median, p10=s[n // 10], p90=s[n - 1 - n // 10], p99=s[min(n - 1, n * 99 // 100)])


def number(x):
    return f'{x:.0f}' if x >= 100 else f'{x:.1f}' if x >= 10 else f'{x:.2f}'


def cell(own, base, fails):
    if own is None:
        text = '-'
    else:
        text = number(own['median'])
        if own['n'] > 3:
            text += f' [{number(own["p10"])}..{number(own["p90"])}]'
        if own['n'] >= P99_FROM:
            text += f' p99 {number(own["p99"])}'
        if base and base is not own and base['median']:
            text += f' ({own["median"] / base["median"]:.2f}x)'
    return text + (f' **{fails} failed**' if fails else '')


def verdict(goal, by):
    judged = goal.judge(by.get('ours'), by.get(goal.to))
    if judged is None:
        return f'{goal.text}: not measured'
    value, reached = judged
    shown = number(value)
    if goal.figure == 'p99/median' or (goal.to and goal.figure == 'median'):
        shown = f'{value:.2f}x'
    return f'{goal.text}: {shown} {"reached" if reached else "**not reached**"}'


def lines(values, fails, columns):
    """two tables: servers side by side, and what has other things to be compared with"""
    servers, others = [], []
    for row, (title, unit, goals) in ROWS.items():
        if row not in values and row not in fails:
            continue
        by = {who: summary(v) for who, v in values.get(row, {}).items()}
        lost = fails.get(row, {})
        head = title + (f', {unit}' if unit else '')
        goal = '; '.join(verdict(g, by) for g in goals)
        whos = list(by) + [w for w in lost if w not in by]
        if BASE in whos or set(whos) - set(columns) == set() and len(whos) > 1:
            cells = [cell(by.get(c), by.get(BASE), lost.get(c, 0)) for c in columns]
            servers.append(f'| {head} | ' + ' | '.join(cells) + f' | {goal} |')
        else:
            shown = '; '.join(f'{w} {cell(by.get(w), None, lost.get(w, 0))}' for w in whos)
            others.append(f'| {head} | {shown} | {goal} |')
    return servers, others


def table(path):
    head, notes, values, fails = read(path)
    columns = head['columns']
    servers, others = lines(values, fails, columns)
    out = [f'# bench {head["date"]}: {head["what"]}', '', head['machine'], '']
    if servers:
        out += ['| | ' + ' | '.join(columns) + ' | goal of ours |', '|---|' + '---|' * (len(columns) + 1)] + servers + ['']
    if others:
        out += ['| | figures | goal of ours |', '|---|---|---|'] + others + ['']
    out += [f'- {n["note"]} {n.get("who", "")}: {n["text"]}' for n in notes]
    return '\n'.join(out)


if __name__ == '__main__':
    print(table(sys.argv[1]))
