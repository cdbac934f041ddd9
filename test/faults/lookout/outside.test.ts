import t from 'tap'
import { aside } from '../../support/aside.ts'
import { rows } from './outside.ts'

// Each of these is mostly waiting.
t.jobs = 3
for (const { fault, play } of rows) t.test(fault, aside(), play)
