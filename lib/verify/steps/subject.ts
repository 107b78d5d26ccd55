import { deny } from '../../denial.ts'
import { isSubject } from '../../token/subject.ts'
import type { Step } from '../step.ts'

/** Step 11, second half: `sub` has the subject grammar. Denies `claim_missing:sub`. Spec 1.4. */
export const subject: Step = {
  label: 11,
  name: 'subject',
  run(attempt) {
    const { sub } = attempt.found('claims')
    if (!isSubject(sub)) deny('subject_grammar', sub)
  },
}
