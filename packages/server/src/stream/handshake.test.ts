import { expect, it } from 'vitest'
import { isSoundExtensionOffer } from './handshake.ts'

it.each([
  'permessage-deflate',
  'permessage-deflate; client_max_window_bits',
  'permessage-deflate; client_max_window_bits=15; server_max_window_bits="8"; client_no_context_takeover',
  'permessage-deflate; server_no_context_takeover, permessage-deflate',
  'x-webkit-deflate-frame',
  'foo; bar="baz", other',
])('takes the offer %s', (header) => {
  expect(isSoundExtensionOffer(header)).toBe(true)
})

it.each([
  '',
  ';',
  ',',
  'permessage-deflate;',
  'permessage-deflate,',
  'permessage-deflate; client_max_window_bits=7',
  'permessage-deflate; client_max_window_bits=16',
  'permessage-deflate; client_max_window_bits=08',
  'permessage-deflate; client_max_window_bits=-10',
  'permessage-deflate; client_max_window_bits=""',
  'permessage-deflate; server_max_window_bits',
  'permessage-deflate; server_no_context_takeover=1',
  'permessage-deflate; client_max_window_bits; client_max_window_bits=10',
  'permessage-deflate; unheard_of',
  'permessage-deflate; client_max_window_bits="10',
  'foo bar',
  'foo; =1',
])('refuses the offer "%s"', (header) => {
  expect(isSoundExtensionOffer(header)).toBe(false)
})
