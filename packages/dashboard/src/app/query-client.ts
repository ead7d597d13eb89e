import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { Problem } from '../api/problem.ts'

/** The session has ended: the shell asks for it again, and shows the sign-in in place of the page. */
function onError(error: Error): void {
  if (error instanceof Problem && error.status === 401) void queryClient.invalidateQueries({ queryKey: ['session'] })
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, { queryKey }) => queryKey[0] !== 'session' && onError(error) }),
  mutationCache: new MutationCache({
    onError: (error, _variables, _result, { options }) => options.mutationKey?.[0] !== 'session' && onError(error),
  }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays a refusal; what did not arrive may arrive with the next try.
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
    },
  },
})
