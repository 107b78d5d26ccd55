/** What opens an explorer: the parts of a stage, and the server of the page. */
export { ExplorerServer } from './explorer-server.ts'
export { playsOf } from './plays.ts'
export { pairsOf, send } from './send.ts'
export type { Minted, Outage, Sighting, Stage, StageGateway } from './stage.ts'
export type { AnswerView, PlayId, Wanted } from './story.ts'
