import { parseArgs } from 'node:util'
import { openSteps } from './core/steps.ts'
import { openSubjects } from './core/subjects.ts'
import { Report } from './shared/report.ts'
import { takeTurns } from './shared/rounds.ts'
import { ratio, spread } from './shared/statistics.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    calls: { type: 'string', default: '250' },
    /** Records in the memory store before the last of the subjects. */
    records: { type: 'string', default: '1000000' },
  },
})
const [rounds, calls, records] = [values.rounds, values.calls, values.records].map(Number)
if (!(rounds && rounds >= 5 && calls && calls >= 50 && records !== undefined && records >= 0)) {
  throw new TypeError('expected --rounds 5 or more, --calls 50 or more, --records 0 or more')
}

const report = new Report(
  'core',
  `the core in this process, processor time: blocks of ${calls} in turn, a token of its own minted beforehand for each call, ${rounds} rounds`,
)
const subjects = await openSubjects(calls, records)
const blocks = await takeTurns(subjects, { rounds, warmUp: 5 })
const of = (name: string) => {
  const block = blocks.get(name)
  if (block === undefined) throw new ReferenceError(name)
  return block
}
report.table(
  'One call',
  subjects.map(({ name, to }) => ({
    name,
    figures: {
      'CPU µs': spread(of(name)),
      'in proportion': ratio(of(name), of(to)),
      to: to,
    },
  })),
)
report.table('Steps of an allowed call, sodium-native', await openSteps(calls, rounds))

const pipeline = (engine: string) => `whole pipeline, ${engine}`
for (const engine of ['node:crypto', 'sodium-native']) {
  report.expect({
    about: `${pipeline(engine)}, ten rules, against its bare verification`,
    found: ratio(of(pipeline(engine)), of(`bare ${engine}`)).median,
    atMost: 1.25,
  })
}
report.expect({
  about: 'whole pipeline, sodium-native against node:crypto',
  found: ratio(of(pipeline('sodium-native')), of(pipeline('node:crypto'))).median,
  atMost: 0.7,
})
report.expect({
  about: 'whole pipeline, a thousand rules against ten',
  found: ratio(of('whole pipeline, 1000 rules'), of(pipeline('sodium-native'))).median,
  atMost: 1.1,
})
report.expect({
  about: 'whole pipeline, a store that is full of records against an empty one',
  found: ratio(of(`whole pipeline, ${records} ids in memory`), of(pipeline('sodium-native')))
    .median,
  atMost: 1.25,
})
for (const { name } of subjects.filter((subject) =>
  subject.name.startsWith('refused before step 5'),
)) {
  report.expect({
    about: `${name}, against an allowed call`,
    found: ratio(of(name), of(pipeline('sodium-native'))).median,
    atMost: 0.5,
  })
}
report.end()
