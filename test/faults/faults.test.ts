import t from 'tap'
import { faultsTable, rows } from './rows.ts'

// Each row is a process of its own that mostly waits.
t.jobs = 12
for (const { fault, play } of rows) t.test(fault, { buffered: true }, play)
t.comment(faultsTable())
