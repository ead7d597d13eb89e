import { join } from 'node:path'
import { backUpDatabase } from '../engines/sqlite/file/backup.ts'
import { checkSqlite } from '../engines/sqlite/file/database.ts'
import { finishLogCopy } from '../engines/sqlite/log/floor.ts'
import { restoreStore } from '../engines/sqlite/restore.ts'
import { sealedSecrets } from '../engines/sqlite/store-facts.ts'
import { refuseUnfinishedRestore } from '../engines/sqlite/unfinished-restore.ts'
import { damageIn } from '../engines/sqlite/verification.ts'
import { deriveServerKeys, makeKeyFile, masterKeyName, readMasterKeys } from '../registry/master-key.ts'
import { lockedSecrets } from '../registry/master-key-check.ts'

/** For commands that look after a store without a server: `doctor`, `restore`, and `backup` of a stopped one. */
export const storeCare = {
  checkSqlite,
  backUpDatabase,
  finishLogCopy,
  damageIn,
  refuseUnfinishedRestore,
  restoreStore,
  /** @param masterKeys as they stand in `TIDINGS_MASTER_KEY` or a key file. @throws AppError `invalid_configuration` */
  lockedSecrets: (directory: string, masterKeys: string, source: string) =>
    lockedSecrets(sealedSecrets(directory), deriveServerKeys(readMasterKeys(masterKeys, source))),
  makeMasterKey: (directory: string) => makeKeyFile(join(directory, masterKeyName)),
}
