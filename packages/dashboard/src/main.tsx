import './app/mantine.ts'
import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './app/query-client.ts'
import { router } from './app/router.tsx'
import { followSignInLink } from './app/sign-in-link.ts'
import { theme } from './app/theme.ts'
import { firstTexts, Speaking } from './text/language.tsx'

const [first, followed] = await Promise.all([firstTexts(), followSignInLink()])
if (followed && 'path' in followed) await router.navigate({ to: followed.path, replace: true })
router.update({ context: { linkFailure: followed && 'failure' in followed ? followed.failure : null } })

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <Speaking first={first}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </Speaking>
    </MantineProvider>
  </StrictMode>,
)
