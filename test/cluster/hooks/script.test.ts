import t from 'tap'
import { readScript } from '../../../src/cluster/hooks/script.ts'

/** Each command on its own, after what may keep it from being run. */
const steps = (script: string) =>
  readScript(script)?.map(({ words, runs }) =>
    [...(runs === 'always' ? [] : [`${runs}:`]), ...words].join(' '),
  )

const cases: [script: string, steps: string[] | undefined][] = [
  ['draingate wait', ['draingate wait']],
  ['sleep 5; curl -s localhost:8089/prestop', ['sleep 5', 'curl -s localhost:8089/prestop']],
  ['sleep 5\n\n  curl x  \n', ['sleep 5', 'curl x']],
  ['sleep 5 && curl x', ['sleep 5', 'on-success: curl x']],
  ['curl x || true', ['curl x', 'perhaps: true']],
  ['curl x | tee log', ['curl x', 'tee log']],
  ['curl x & sleep 5', ['perhaps: curl x', 'sleep 5']],
  ['curl x && date &', ['perhaps: curl x', 'perhaps: date']],
  ['sleep 1; curl x && date & wait', ['sleep 1', 'perhaps: curl x', 'perhaps: date', 'wait']],
  ['curl x >/dev/null 2>&1; date &> log', ['curl x', 'date']],
  ['curl x 2> err < in', ['curl x']],
  [`curl "a b" 'c d' e\\ f g"h"'i'`, ['curl a b c d e f ghi']],
  ['curl http://$(hostname -i):8089/prestop', ['curl http://$(hostname -i):8089/prestop']],
  ['echo `date; date` "$' + '{A:-b c}"', ['echo `date; date` $' + '{A:-b c}']],
  ['echo a#b # curl x', ['echo a#b']],
  ['curl \\\n  x', ['curl x']],
  ['if [ -f /x ]; then curl x; fi; date', ['perhaps: [ -f /x ]', 'perhaps: curl x', 'date']],
  ['while ! curl x; do sleep 1; done', ['perhaps: curl x', 'perhaps: sleep 1']],
  ['(curl x); { date; }', ['perhaps: curl x', 'perhaps: date']],
  ['! curl x', ['curl x']],
  ['', []],
  ['case $x in a) curl x;; esac', undefined],
  ['cat <<END\ncurl x\nEND', undefined],
  ['echo "curl', undefined],
  ['echo $(curl', undefined],
]

for (const [script, expected] of cases) {
  t.test(JSON.stringify(script), async (t) => t.strictSame(steps(script), expected))
}
