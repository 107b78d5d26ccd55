import { existsSync } from 'node:fs'
import { ENVOY_SERVICE, EnvoyService } from '../../testkit/envoy-service.ts'
import { processCpuMs } from '../../testkit/process-cpu.ts'
import { RefusedChecks } from '../../testkit/refused-checks.ts'
import { residentKib } from '../../testkit/resident-kib.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const MAX_GROWTH_MB = 20
const SLICES = 10

/** `npm run bench:leak -- --envoy`: Checks that are refused, garbage among them. Tells whether the service has grown. */
export async function leakOfEnvoy(checks: number): Promise<boolean> {
  if (!existsSync(ENVOY_SERVICE)) throw new Error(`no ${ENVOY_SERVICE}: npm run build makes it`)
  const config = { ...BASE_CONFIG, deadline_ms: 10_000, audit: { sink: 'none' } }
  const service = await EnvoyService.start({ policies: { default: config } })
  const load = new RefusedChecks(service.socketPath)
  const resident = () => residentKib(service.pid) / 1024
  try {
    const idleMb = resident()
    // The heap takes its working size during the first slice; what comes on top is growth.
    await load.send(Math.ceil(checks / SLICES))
    const warmMb = resident()
    const [cpuBefore, start] = [processCpuMs(service.pid), performance.now()]
    for (let slice = 1; slice <= SLICES; slice++) {
      await load.send(Math.ceil(checks / SLICES))
      console.log(`${slice} of ${SLICES}: ${resident().toFixed(0)} MB`)
    }
    const seconds = (performance.now() - start) / 1000
    const cpu = ((processCpuMs(service.pid) - cpuBefore) * 1000) / checks
    const growth = resident() - warmMb
    console.log(
      `\noathmesh-envoy, ${checks} refused Checks after ${Math.ceil(checks / SLICES)}: idle ${idleMb.toFixed(0)} MB, ` +
        `warm ${warmMb.toFixed(0)} MB, growth ${growth.toFixed(0)} MB; ${(checks / seconds).toFixed(0)} per second, ${cpu.toFixed(0)} µs CPU each`,
    )
    if (growth >= MAX_GROWTH_MB) console.log(`FAILED: it grows by ${MAX_GROWTH_MB} MB or more`)
    return growth >= MAX_GROWTH_MB
  } finally {
    load.close()
    await service.stop()
  }
}
