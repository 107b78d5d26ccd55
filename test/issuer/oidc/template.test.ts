import { sourceTemplate, subjectTemplate } from '../../../issuer/oidc/template.ts'

const CLAIMS = {
  repository: 'acme/storefront',
  workflow: 'Deploy to production',
  workflow_ref: 'acme/storefront/.github/workflows/deploy.yml@refs/heads/main',
  ref: 'feature/Blue_Button',
  run: 7,
  safe: true,
  list: ['a'],
  empty: '',
  dots: '..',
  climbing: 'acme/../root',
  bidi: 'a\u202eb',
  tab: 'Deploy\tnow',
  'kubernetes.io': { namespace: 'payments', 'a/b': 'c' },
}

describe('a template of a subject', () => {
  test.each([
    ['svc://fixed/name', 'svc://fixed/name'],
    ['job://{repository|path}', 'job://acme/storefront'],
    ['job://{repository|lower|path}/{run}/{safe}', 'job://acme/storefront/7/true'],
    ['job://{workflow|slug}', 'job://Deploy-to-production'],
    ['job://{workflow|slug|lower}', 'job://deploy-to-production'],
    ['job://{workflow|escape}', 'job://Deploy_20to_20production'],
    ['job://{ref|escape}', 'job://feature_2fBlue_5fButton'],
    ['job://{bidi|escape}', 'job://a_e2_80_aeb'],
    ['job://{workflow_ref|after:/.github/workflows/|before:@refs/}', 'job://deploy.yml'],
    ['svc://{/kubernetes.io/namespace}', 'svc://payments'],
    ['svc://{/kubernetes.io/a~1b}', 'svc://c'],
  ])('%s gives %s', (template, text) => {
    expect(subjectTemplate(template)(CLAIMS)).toEqual({ text })
  })

  test.each([
    'job://{repository}',
    'job://{workflow}',
    'job://{workflow|path}',
    'job://{climbing|path}',
    'job://{dots}',
    'job://{dots|slug}',
    'job://{empty}',
    'job://{missing}',
    'job://{list}',
    'job://{constructor}',
    'job://{/kubernetes.io}',
    'job://{/kubernetes.io/toString}',
    'job://{ref|before:@}',
    'job://{bidi}',
  ])('%s gives nothing', (template) => {
    expect(subjectTemplate(template)(CLAIMS)).toEqual({
      claim: expect.any(String),
      fault: expect.any(String),
    })
  })

  test.each([
    ['{', 'brace'],
    ['a}', 'brace'],
    ['{{a}}', 'brace'],
    ['{}', 'neither the name of a claim'],
    ['{a b}', 'neither the name of a claim'],
    ['{/}', 'neither the name of a claim'],
    ['{a|upper}', '"upper" is not a filter'],
    ['{a|constructor}', '"constructor" is not a filter'],
    ['{a|before:}', '"before:" is not a filter'],
  ])('%s is refused', (template, message) => {
    expect(() => subjectTemplate(template)).toThrow(message)
  })

  test('escapes so that two texts never become one', () => {
    const escaped = subjectTemplate('{a|escape}')
    const texts = ['a b', 'a_20b', 'a/b', 'a_b', 'a-b', 'A b', 'a%20b', 'a\u00a0b', 'a.b']
    expect(new Set(texts.map((a) => JSON.stringify(escaped({ a })))).size).toBe(texts.length)
  })
})

describe('a template of a source', () => {
  test('takes any printable text', () => {
    expect(sourceTemplate('{workflow} of {repository}')(CLAIMS)).toEqual({
      text: 'Deploy to production of acme/storefront',
    })
  })

  test.each([
    ['{bidi}', 'bidi', 'holds a character that is not printable, U+202E'],
    ['{tab}', 'tab', 'holds a character that is not printable, a tab'],
    ['{missing}', 'missing', 'is absent'],
    ['{workflow|before:@}', 'workflow', 'does not fit the filter before:@'],
  ])('says in words what is wrong with %s', (template, claim, fault) => {
    expect(sourceTemplate(template)(CLAIMS)).toEqual({ claim, fault })
  })
})
