import { run } from '../../packages/server/src/cli/program.ts'

void run(process.argv)
