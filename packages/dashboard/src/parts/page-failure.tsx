import { PageFrame } from './page-frame.tsx'
import { Failure, useFailureTitle } from './states.tsx'

/** In place of a page of one thing that cannot be shown: its heading says why. */
export function PageFailure({ error, retry }: { error: Error; retry: () => void }) {
  return (
    <PageFrame title={useFailureTitle(error)}>
      <Failure error={error} retry={retry} isTitled={false} />
    </PageFrame>
  )
}
