import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** While the pages are worked on, a real server answers: `tidings start`, with the operator's key beside its address. */
const { TIDINGS_URL = 'http://127.0.0.1:8080', TIDINGS_ADMIN_KEY } = import.meta.env ?? process.env
const server = {
  target: TIDINGS_URL,
  headers: TIDINGS_ADMIN_KEY === undefined ? {} : { authorization: `Bearer ${TIDINGS_ADMIN_KEY}` },
}

export default defineConfig({
  base: '/ui/',
  plugins: [react()],
  build: {
    target: ['chrome125', 'firefox130', 'safari18'],
    // No data: URLs and no inline script: the server's content security policy allows none.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      ['/v1', '/visma-nxt', '/api/v2', '/webhooks', '/openapi.json'].map((path) => [path, server]),
    ),
  },
})
