import { ExplorerServer } from '../explorer/index.ts'
import { openDemoStage } from './explorer/open-stage.ts'

export interface RunningExplorer {
  /** To be opened as it is; behind `#` is the key. */
  readonly url: string
  stop(): Promise<void>
}

/** The explorer on real parts of its own. Nothing is left running after `stop`, or when it rejects. */
export async function startDemoExplorer(port = 0): Promise<RunningExplorer> {
  const { stage, stop } = await openDemoStage()
  try {
    const server = await ExplorerServer.start({ stage, folder: 'dist/explorer', port })
    return {
      url: server.url,
      async stop() {
        await server.stop()
        await stop()
      },
    }
  } catch (cause) {
    await stop()
    throw cause
  }
}
