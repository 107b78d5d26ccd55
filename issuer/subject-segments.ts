/**
 * Whether every segment of a subject after its scheme names something: none is empty, `.` or `..`. The
 * protocol's grammar allows such subjects, and whoever reads one as a path would be led elsewhere.
 */
export function hasPlainSegments(subject: string): boolean {
  const segments = subject.slice(subject.indexOf('://') + 3).split('/')
  return segments.every((segment) => segment !== '' && segment !== '.' && segment !== '..')
}
