/** How long the store may take before the server says that it is not ready. */
const storeAnswerMs = 2_000

/** Whether the question is answered without an error, and in time. */
export async function answersInTime(question: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), storeAnswerMs)
  })
  const answered = question.then(
    () => true,
    () => false,
  )
  return Promise.race([answered, late]).finally(() => clearTimeout(timer))
}
