import { Type } from 'typebox'
import { errorCodes } from '../../core/errors.ts'

/** RFC 9457. */
export const problem = Type.Object(
  {
    type: Type.String({ examples: ['urn:tidings:problem:not_found'] }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Union(errorCodes.map((code) => Type.Literal(code))),
    detail: Type.String({ description: 'What is wrong, and what to do next.' }),
    errors: Type.Optional(
      Type.Array(Type.Object({ pointer: Type.String(), code: Type.String(), detail: Type.String() }), {
        description: 'Every fault of the request. `pointer` is a JSON Pointer (RFC 6901) into it.',
      }),
    ),
  },
  { title: 'Problem' },
)
