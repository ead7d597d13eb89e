/** What needs Node's own modules: `import { FileCheckpointStore } from '@tidings/client/node'`. */
export { FileCheckpointStore } from './checkpoint/file-checkpoint-store.ts'
