interface Example {
  readonly language: string
  readonly code: string
}

/** How a receiver verifies a Standard Webhooks signature, with the libraries of that standard. */
export const verificationCode: readonly Example[] = [
  {
    language: 'Node.js',
    code: `// npm install standardwebhooks
import { Webhook } from 'standardwebhooks'

// The body as it came, before anything parses it. It throws when the signature is wrong.
const event = new Webhook(process.env.WEBHOOK_SECRET).verify(rawBody, request.headers)`,
  },
  {
    language: 'Python',
    code: `# pip install standardwebhooks
from standardwebhooks.webhooks import Webhook

# The body as it came. It raises when the signature is wrong.
event = Webhook(os.environ["WEBHOOK_SECRET"]).verify(request.get_data(), dict(request.headers))`,
  },
  {
    language: 'Go',
    code: `// go get github.com/standard-webhooks/standard-webhooks/libraries/go
wh, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
if err == nil {
	err = wh.Verify(body, r.Header)
}
if err != nil {
	http.Error(w, "wrong signature", http.StatusUnauthorized)
}`,
  },
  {
    language: 'PHP',
    code: `$key = base64_decode(substr(getenv('WEBHOOK_SECRET'), strlen('whsec_')));
$body = file_get_contents('php://input');
$id = $_SERVER['HTTP_WEBHOOK_ID'];
$time = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'];
$ours = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$time.$body", $key, true));
$genuine = false;
foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE']) as $theirs) {
    $genuine = $genuine || hash_equals($ours, $theirs);
}
if (!$genuine || abs(time() - (int) $time) > 300) { http_response_code(401); exit; }`,
  },
  {
    language: 'Java',
    code: `byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
Mac mac = Mac.getInstance("HmacSHA256");
mac.init(new SecretKeySpec(key, "HmacSHA256"));
mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
String ours = "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
boolean genuine = Arrays.stream(signatures.split(" "))
    .anyMatch(theirs -> MessageDigest.isEqual(ours.getBytes(UTF_8), theirs.getBytes(UTF_8)));`,
  },
  {
    language: 'C#',
    code: `var key = Convert.FromBase64String(secret["whsec_".Length..]);
var signed = Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}");
var ours = Encoding.UTF8.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed)));
var genuine = signatures.Split(' ').Any(theirs =>
    CryptographicOperations.FixedTimeEquals(ours, Encoding.UTF8.GetBytes(theirs)));`,
  },
]
